import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistryDesk } from "../../../bridge/console/registry-desk.ts";
import { serveControl } from "../../../bridge/sandbox/control-server.ts";
import { workerdBinary } from "../../../bridge/sandbox/workerd-binary.ts";
import { type Ending, WorkerdProcess } from "../../../bridge/sandbox/workerd-process.ts";

/* A real workerd process, ended for each of the reasons that are watched. */

const script = `
  const kept = [];
  export default {
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/spin") for (;;);
      if (pathname === "/eat") for (;;) kept.push(new Uint8Array(1e7).fill(1));
      return new Response("ok");
    },
  };`;

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "index.mjs", esModule = embed "index.mjs")], compatibilityDate = "2026-11-01"))],
  sockets = [(name = "main", address = "unix:watched.sock", http = (), service = "main")],
);`;

describe("a watched workerd process", () => {
  const endings: Ending[] = [];
  let folder: string;
  let watched: WorkerdProcess;
  let control: { socketPath: string } & AsyncDisposable;

  const options = (): ConstructorParameters<typeof WorkerdProcess>[0] => ({
    name: "watched",
    launch: { command: workerdBinary, args: ["serve", "watched.capnp"], cwd: folder, env: {} },
    socketPath: join(folder, "watched.sock"),
    logFile: join(folder, "watched.log"),
    memoryMiB: 400,
    frozenMs: 60_000,
    onEnding: (ending) => endings.push(ending),
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "workerd-"));
    await writeFile(join(folder, "index.mjs"), script);
    await writeFile(join(folder, "watched.capnp"), config);
    watched = new WorkerdProcess(options());
    await watched.ensure();
    const socketPath = join(folder, "host.sock");
    const registryPath = join(folder, "registry.json");
    const registry = createRegistryDesk({
      registryPath,
      environment: () => undefined,
      isReadOnly: true,
      projectRoot: folder,
      url: "http://127.0.0.1",
    });
    const processes = new Map([["one", watched]]);
    const server = await serveControl({ socketPath, processes, onAudit: async () => {}, registry });
    control = { socketPath, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
  });

  afterAll(async () => {
    await control?.[Symbol.asyncDispose]();
    await watched?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Gets no answer, because the process ends first. */
  const ask = (path: string) => send({ socketPath: join(folder, "watched.sock"), path }).catch(() => undefined);
  const post = (path: string) => send({ socketPath: control.socketPath, path, method: "POST" });
  const get = (path: string) => send({ socketPath: control.socketPath, path });
  const isWell = async () => (await ask("/"))?.status === 200;

  test("is replaced when it is frozen, and the reason is reported", { tags: ["start.sandbox"] }, async () => {
    const since = Date.now();
    void ask("/spin");
    expect((await post(`/one/replace?since=${since}`)).status).toBe(200);

    expect(endings.map(({ reason }) => reason)).toEqual(["cpu"]);
    expect(await isWell()).toBe(true);
    expect(await get(`/one/ending?since=${since}`)).toEqual({ status: 200, body: '{"reason":"cpu"}' });
  });

  test("is not replaced because its predecessor was frozen", async () => {
    expect((await post(`/one/replace?since=${Date.now() - 60_000}`)).status).toBe(200);
    expect(endings).toHaveLength(1);
  });

  test("is replaced when it exceeds its memory limit", { tags: ["sandbox.memory"] }, async () => {
    const since = Date.now();
    await ask("/eat");
    expect(await watched.endingAfter(since, 10_000)).toMatchObject({ reason: "memory" });
    expect(await isWell()).toBe(true);
  });

  test("is replaced when the Worker renews it", { tags: ["sandbox.memory"] }, async () => {
    expect((await post("/one/renew")).status).toBe(200);
    expect(endings.at(-1)).toMatchObject({ reason: "renewed" });
    expect(await isWell()).toBe(true);
  });

  test("is ended once, although forty sessions ask for it at the same time", async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error) => warnings.push(name);
    process.on("warning", note);
    const before = endings.length;
    await Promise.all(Array.from({ length: 40 }, () => watched.replaceFrozen(Date.now())));
    // A warning is emitted a moment after its cause.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    expect(endings.length - before).toBe(1);
    expect(warnings).toEqual([]);
    expect(await isWell()).toBe(true);
  });

  test("that crashed is back when its ending is told", async () => {
    const since = Date.now();
    execFileSync("pkill", ["-KILL", "-f", "watched\\.capnp"]);
    expect(await watched.endingAfter(since, 10_000)).toMatchObject({ reason: "crash" });
    expect(await isWell()).toBe(true);
  });

  test("is well while it answers", { tags: ["endpoints.health"] }, async () => {
    expect((await get("/one/well")).status).toBe(200);
  });

  test("that has not ended since gives 204 after a short wait", async () => {
    expect((await get(`/one/ending?since=${Date.now() + 60_000}`)).status).toBe(204);
  });

  test.each(["/two/replace?since=0", "/one/replace", "/one/exec", "/"])("is not reached by a wrong request: %s", async (path) => {
    const before = endings.length;
    expect((await post(path)).status).toBe(404);
    expect(endings).toHaveLength(before);
  });

  test("ends when it was not needed for a while, and starts when it is needed again", async () => {
    const short = new WorkerdProcess({ ...options(), idleMs: 500 });
    await watched.stop();
    const since = Date.now();

    await short.ensure();
    expect(await short.endingAfter(since, 20_000)).toMatchObject({ reason: "idle" });
    expect(await ask("/")).toBe(undefined);
    expect(short.isWell).toBe(true);
    await short.ensure();
    expect(await isWell()).toBe(true);
    await short.stop();
  });

  test("that cannot start says why", async () => {
    const broken = new WorkerdProcess({ ...options(), launch: { ...options().launch, args: ["serve", "none.capnp"] } });
    expect(broken.isWell).toBe(true);
    await expect(broken.ensure()).rejects.toMatchObject({
      code: "server_unavailable",
      message: expect.stringContaining("none.capnp"),
    });
    expect(broken.isWell).toBe(false);
    await broken.stop();
  });
});

interface Sent {
  socketPath: string;
  path: string;
  method?: string;
}

/** One HTTP request at a Unix socket. */
function send({ socketPath, path, method = "GET" }: Sent): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end();
  });
}
