import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { findFreePort } from "../../../bridge/local/free-port.ts";
import { Supervisor } from "../../../bridge/local/supervisor.ts";

/** Answers every request, and computes meanwhile, so that it is asked each second. */
const busyServer = `require("node:http").createServer((_, response) => response.end("ok")).listen(Number(process.argv[1]), "127.0.0.1");
setInterval(() => { const until = Date.now() + 50; while (Date.now() < until); }, 100);`;

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test("looks at a process leave nothing behind, however many there were", async () => {
  const folder = await mkdtemp(join(tmpdir(), "supervisor-"));
  const port = await findFreePort();
  const restarts: string[] = [];
  const supervisor = new Supervisor(
    {
      name: "the server",
      launch: {
        command: process.execPath,
        args: ["-e", busyServer, String(port)],
        cwd: folder,
        env: { PATH: process.env.PATH ?? "" },
      },
      address: { port },
      healthPath: "/",
      logFile: join(folder, "server.log"),
    },
    { onRestart: (reason) => restarts.push(reason), onBack: () => {} },
  );
  try {
    await supervisor.start();
    await delay(1_500);
    const before = timers();
    await delay(5_000);
    expect(timers() - before).toBeLessThanOrEqual(1);
    expect(restarts).toEqual([]);
  } finally {
    await supervisor.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
