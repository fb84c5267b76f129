import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtInIds } from "../../core/registry/registry.ts";
import { connectModern } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

const entry = (id: string, command: string, args: string[] = []) => ({
  id,
  title: id,
  summary: `The ${id} server.`,
  mcp: { transport: "stdio", command, args },
});
const serverFile = (name: string) => fileURLToPath(new URL(`../servers/${name}.mjs`, import.meta.url));
const waits = entry("waits", process.execPath, [serverFile("waits")]);
const time = entry("time", "time-mcp");
const tells = entry("tells", process.execPath, [serverFile("tells")]);

let product: Product;
beforeAll(async () => {
  product = await startProduct({ registry: { servers: [time, waits, tells] } });
});
afterAll(() => product[Symbol.asyncDispose]());

/** Runs the command as a user does, in a folder with these files. */
async function exec(files: Record<string, string>, args: string[], whileItRuns?: (pid: number) => Promise<void>) {
  const folder = join(product.folder, `program-${crypto.randomUUID()}`);
  for (const [path, source] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), source);
  }
  const child = spawn(process.execPath, [join(projectRoot, "bridge/main.mjs"), "exec", ...args, "--url", product.url], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const closed = once(child, "close");
  if (whileItRuns !== undefined && child.pid !== undefined) await whileItRuns(child.pid);
  const [code] = await closed;
  return { code, out: await out, err: await err };
}

async function callTool(name: string, input: object) {
  await using client = await connectModern(`${product.url}/mcp`);
  return (await client.call(name, input)).structured;
}

async function idsListed(): Promise<string[]> {
  const { servers } = await callTool("list_mcp_capabilities", {});
  const registered = (servers as { id: string }[]).filter(({ id }) => !builtInIds.some((builtIn) => builtIn === id));
  return registered.map(({ id }) => id).sort();
}

describe("mcp-bridge exec", () => {
  test("shows the log messages of servers, with their names, next to the program's own", async () => {
    const code = `console.log("first"); await tells.work({}); return (await tells.$resources.read("note://1"))[0].text;`;
    const { out, err } = await exec({ "a.ts": code }, ["a.ts"]);
    expect(out).toBe("first\n");
    expect(err.split("\n")).toEqual(
      expect.arrayContaining([
        "first",
        "[tells] one",
        'warn: [tells] {"two":2}',
        "error: [tells] three",
        "lines ␛[2J",
        "[tells] four",
      ]),
    );
  });

  test("runs a file with its imports and prints the result to stdout and the logs to stderr", {
    tags: ["bridge.exec"],
  }, async () => {
    const files = {
      "main.ts": `import { time } from "mcp-clients"; import { args } from "runtime";
import { shout, type Zone } from "./parts/shout"; import names from "./parts/names.json";
const zone: Zone = args.zone;
console.log("asking", args.days.length);
export default async () => ({ names: names.map(shout), now: await time.current_time({ timezone: zone, format: "YYYY-MM-DD" }) });`,
      "parts/shout.ts": `import { mark } from "../mark.js"; export type Zone = string; export const shout = (name: string) => name + mark;`,
      "mark.ts": `export const mark = "!";`,
      "parts/names.json": `["Ada"]`,
    };
    const { code, out, err } = await exec(files, [
      "main.ts",
      "--allow",
      "time",
      "--arg",
      "zone=Asia/Tokyo",
      "--arg",
      "days=[1,2]",
    ]);
    expect({ code, err }).toEqual({ code: 0, err: "asking 2\n" });
    expect(JSON.parse(out)).toEqual({ names: ["Ada!"], now: expect.stringContaining("Asia/Tokyo") });
  });

  test("exits with 1 and prints the failed line, by its path on this machine, and the calls that were made", {
    tags: ["bridge.exec"],
  }, async () => {
    const files = {
      "src/main.ts": `import { time } from "mcp-clients";\nimport { fail } from "./fail.ts";\nawait time.current_time({ format: "YYYY-MM" });\nconsole.error("before");\nfail();`,
      "src/fail.ts": `export function fail() {\n  throw new Error("boom");\n}`,
    };
    const { code, out, err } = await exec(files, ["src/main.ts"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("error: before\n");
    expect(err).toContain("src/fail.ts:2:9: uncaught_exception: boom\n");
    expect(err).toContain('> 2 |   throw new Error("boom");');
    expect(err).toContain("call: time.current_time succeeded");
  });

  test("prints the whole outcome as JSON with --json", async () => {
    const { code, out } = await exec({ "a.js": "return 1 + 1" }, ["a.js", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, result: 2 });
  });

  test("cancels the run and its tool call on Ctrl-C", { tags: ["bridge.exec"] }, async () => {
    const seen = async () => (await callTool("execute_mcp_code", { code: "return await waits.seen({});" })).result;
    const { code } = await exec({ "a.ts": "return await waits.wait({});" }, ["a.ts", "--timeout", "60000"], async (pid) => {
      await expect.poll(seen, { timeout: 20_000 }).toEqual({ waits: 1, cancelled: 0 });
      process.kill(pid, "SIGINT");
    });
    expect(code).toBe(130);
    await expect.poll(seen, { timeout: 20_000 }).toEqual({ waits: 1, cancelled: 1 });
  });
});

test("a changed registry takes effect in the bridge and the Worker while a run goes on", {
  tags: ["bridge.registry-changes"],
}, async () => {
  const registryFile = join(product.folder, "registry.json");
  const write = async (...servers: object[]) => {
    await writeFile(`${registryFile}.new`, JSON.stringify({ servers }));
    await rename(`${registryFile}.new`, registryFile);
  };
  const isReleased = callTool("execute_mcp_code", {
    code: "const answer = await waits.wait({}); return [answer, await waits.seen({})];",
    maxRuntimeMs: 60_000,
  });
  await expect.poll(idsListed).toEqual(["tells", "time", "waits"]);

  await write(waits, entry("clock", "time-mcp"));
  await expect.poll(idsListed, { timeout: 20_000 }).toEqual(["clock", "waits"]);
  const now = await callTool("execute_mcp_code", { code: 'return await clock.days_in_month({ date: "2024-02-01" });' });
  expect(now).toMatchObject({ ok: true, result: expect.stringContaining("29") });
  expect(await callTool("execute_mcp_code", { code: "return 1", allowedMcpIds: ["time"] })).toMatchObject({
    errors: [{ code: "server_unknown" }],
  });

  // A half-written file is ignored.
  await writeFile(registryFile, (await readFile(registryFile, "utf8")).slice(0, 40));
  await product.printed(/registry {2}problem/);
  expect(await idsListed()).toEqual(["clock", "waits"]);

  await callTool("execute_mcp_code", { code: "return await waits.release({});" });
  expect(await isReleased).toMatchObject({ ok: true, result: ["released", { cancelled: expect.any(Number) }] });
  expect(product.output()).toContain("registry  changed: clock added, time removed");
  expect(product.output()).not.toContain("dialling again");
});
