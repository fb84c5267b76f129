import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { processesOf } from "../support/background-process.ts";
import { type InstalledPackage, installPackage, nodesHere } from "../support/installed-package.ts";
import { projectRoot } from "../support/project-root.ts";

/* What `npm pack` makes, in a folder with nothing else, as somebody uses it who has never cloned the project. */

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(async () => {
  for (const { pid } of processesOf(installed)) process.kill(pid, "SIGKILL");
  await installed[Symbol.asyncDispose]();
});

const run = promisify(execFile);
const program = `const [now, folders] = await Promise.all([time.current_time({ timezone: "Asia/Tokyo" }), filesystem.list_allowed_directories({})]);
return { now, folders };`;

describe.each(nodesHere())("with %s", (node) => {
  test("the command writes a registry for its user, starts, runs a program on two servers, and leaves nothing", {
    tags: ["package.installed"],
  }, async () => {
    const port = await findFreePort();
    const home = { ...installed.environment(node), PORT: String(port) };
    const commands = join(installed.folder, "node_modules/mcp-dynamic-orchestrator/bridge");
    const config = join(installed.folder, "home/.config/mcp-dynamic-orchestrator");
    const started = spawn(node, [join(commands, "start.mjs")], { cwd: installed.folder, env: home });
    let output = "";
    for (const stream of [started.stdout, started.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
    const ended = new Promise((resolve) => started.once("close", resolve));
    await expect.poll(() => output, { timeout: 100_000 }).toMatch(/^Ready: .*[\s\S]*claude mcp add .*--header/m);
    expect(existsSync(join(config, "mcp.registry.json"))).toBe(true);

    await writeFile(join(installed.folder, "two.ts"), program);
    const { stdout } = await run(node, [join(commands, "main.mjs"), "exec", "two.ts"], { cwd: installed.folder, env: home });
    expect(JSON.parse(stdout)).toEqual({
      now: expect.stringContaining("Asia/Tokyo"),
      // Not the folder of the package, nor whichever the client stood in.
      folders: { content: expect.stringContaining(config) },
    });

    started.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(processesOf(installed)).toEqual([]);
  });

  test("local() and a generated client start an orchestrator with the first call, and it ends with the process", {
    tags: ["package.installed"],
  }, async () => {
    await writeFile(
      join(installed.folder, "agent.mjs"),
      `import { local, orchestratorTools } from "mcp-dynamic-orchestrator";
const [, describe, execute] = orchestratorTools(local({ registry: "own.json" }));
const [described, executed] = await Promise.all([describe.run({ id: "clock" }), execute.run({ code: "return await clock.current_time({});" })]);
const clock = await import("./mcp-clients/clock.js");
clock.$connect(local({ registry: "own.json" }));
const now = await clock.current_time({ timezone: "Asia/Tokyo" });
const wrong = await clock.current_time({ timezone: "No/Where" }).catch((error) => error.code);
console.log(JSON.stringify({ tools: described.total, ok: executed.ok, now: now.includes("Asia/Tokyo"), wrong }));`,
    );
    const mcp = { transport: "stdio", command: "time-mcp" };
    await writeFile(
      join(installed.folder, "own.json"),
      JSON.stringify({ servers: [{ id: "clock", title: "Clock", summary: "Time.", mcp }] }),
    );
    const env = { ...installed.environment(node), PORT: String(await findFreePort()) };
    const main = join(installed.folder, "node_modules/mcp-dynamic-orchestrator/bridge/main.mjs");
    await run(node, [main, "generate", "clock", "--registry", "own.json"], { cwd: installed.folder, env });
    const { stdout } = await run(node, ["agent.mjs"], { cwd: installed.folder, env });
    expect(JSON.parse(stdout)).toEqual({ tools: 6, ok: true, now: true, wrong: "tool_error" });
    await expect.poll(() => processesOf(installed), { timeout: 20_000 }).toEqual([]);
  });
});

test("the package has types", { tags: ["package.installed"] }, async () => {
  const file = join(installed.folder, "typed.mts");
  await writeFile(
    file,
    `import { orchestratorTools, remote } from "mcp-dynamic-orchestrator";
const [first] = orchestratorTools(remote({ url: "http://127.0.0.1:1" }));
export const name: number | undefined = first?.name;
export const wrong = remote({ address: "" });
import { current_time } from "./mcp-clients/clock.js";
export const text = current_time({ timezone: 7 });`,
  );
  const check = () =>
    execFileSync(
      process.execPath,
      [
        join(projectRoot, "node_modules/typescript/bin/tsc"),
        "--noEmit",
        "--strict",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--skipLibCheck",
        file,
      ],
      {
        cwd: installed.folder,
        encoding: "utf8",
      },
    );
  let problems = "";
  try {
    check();
  } catch (error) {
    problems = String(Object(error).stdout);
  }
  expect(problems.match(/error TS\d+/g)).toEqual(["error TS2322", "error TS2353", "error TS2322"]);
});
