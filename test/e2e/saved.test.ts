import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectModern } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

const time = { id: "time", title: "Time", summary: "Time zones.", mcp: { transport: "stdio", command: "time-mcp" } };
const grep = { id: "grep", title: "Grep", summary: "Searches files.", mcp: { transport: "stdio", command: "mcp-ripgrep" } };

let product: Product;
beforeAll(async () => {
  product = await startProduct({ registry: { servers: [time, grep] } });
});
afterAll(() => product[Symbol.asyncDispose]());

/** Runs `mcp-bridge` as a user does. */
async function bridge(args: string[], { folder = product.folder, port = product.port, stdin = "" } = {}) {
  const child = spawn(process.execPath, [join(projectRoot, "bridge/main.mjs"), ...args], {
    ...{ cwd: folder, stdio: ["pipe", "pipe", "pipe"] as const },
    env: { ...process.env, PORT: String(port) },
  });
  child.stdin.end(stdin);
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const [code] = await once(child, "close");
  return { code, out: await out, err: await err };
}

async function callTool(name: string, input: object, { url } = product) {
  await using client = await connectModern(`${url}/mcp`);
  return (await client.call(name, input)).structured;
}

const zones = `import { label } from "./label";
/** The time in zones. */
export default async ({ zones, prefix = "at" }: { zones: string[]; /** before each */ prefix?: string }): Promise<{ zone: string; now: string }[]> => {
  console.log("asking", zones.length);
  return await Promise.all(zones.map(async (zone) => ({ zone, now: label(prefix, await time.current_time({ timezone: zone, format: "h:mm A" })) })));
};`;

test("a file is saved, listed, described, run with flags, called, exported and made a skill", {
  tags: ["saved.commands"],
}, async () => {
  const folder = join(product.folder, "programs");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "world_clock.ts"), zones);
  await writeFile(
    join(folder, "label.ts"),
    "export const label = (prefix: string, value: unknown) => `${prefix} ${JSON.stringify(value)}`;\n",
  );
  expect(await bridge(["save", "world_clock.ts", "--allow", "time"], { folder })).toMatchObject({
    code: 0,
    out: "world_clock is saved, revision 1.\n",
  });
  expect(await bridge(["save", "world_clock.ts"], { folder })).toMatchObject({ out: "world_clock is saved, revision 1.\n" });
  expect(await bridge(["save", "world_clock.ts", "--timeout", "20000"], { folder })).toMatchObject({
    code: 0,
    out: "world_clock is saved, revision 2.\n",
  });

  const help = await bridge(["run", "world_clock", "--help"]);
  expect(help).toMatchObject({ code: 0, out: expect.stringContaining("--zones <string>") });
  const run = await bridge(["run", "world_clock", "--zones", "UTC", "--zones", "Asia/Tokyo", "--prefix", "now"]);
  expect(run).toMatchObject({ code: 0, err: expect.stringContaining("asking 2") });
  expect(JSON.parse(run.out)).toMatchObject([{ zone: "UTC", now: expect.stringMatching(/^now /) }, { zone: "Asia/Tokyo" }]);
  expect(await bridge(["run", "world_clock", "--zonse", "UTC"])).toMatchObject({
    code: 2,
    out: "",
    err: expect.stringContaining("Closest: --zones"),
  });
  expect(await bridge(["run", "world_clock"])).toMatchObject({
    code: 2,
    out: "",
    err: expect.stringContaining("world_clock needs --zones."),
  });

  const stdin = JSON.stringify({ zones: ["UTC"], prefix: "now" });
  const piped = await bridge(["run", "world_clock", "--", "-", "--prefix", "then"], { stdin });
  expect(JSON.parse(piped.out)).toMatchObject([{ zone: "UTC", now: expect.stringMatching(/^then /) }]);
  expect(await bridge(["run", "world_clock", "-"], { stdin: "[1]" })).toMatchObject({
    code: 2,
    err: expect.stringContaining("as one JSON object"),
  });

  expect(await bridge(["run", "world_clokc"])).toMatchObject({
    code: 1,
    err: 'error: There is no saved program "world_clokc". Closest: world_clock. There are: world_clock.\n',
  });

  const called = await callTool("execute_mcp_code", {
    code: `await saved.world_clock({ zones: ["UTC"] }); return (await saved.world_clock({ zones: ["UTC"] }))[0].zone;`,
  });
  expect(called).toMatchObject({
    ok: true,
    result: "UTC",
    calls: [{ server: "saved", tool: "world_clock", count: 2, calls: [{ server: "time", tool: "current_time", count: 2 }] }],
  });
  const code = `import { args, results } from "runtime"; return await results.get(args);`;
  expect(await callTool("execute_mcp_code", { code, args: called.callsHandle })).toMatchObject({
    result: Array(2).fill({
      tool: "world_clock",
      calls: [{ server: "time", tool: "current_time", durationMs: expect.any(Number) }],
    }),
  });
  expect(await callTool("list_mcp_capabilities", { query: "time in zones" })).toMatchObject({
    servers: expect.arrayContaining([
      expect.objectContaining({ id: "saved", tools: [expect.objectContaining({ name: "world_clock" })] }),
    ]),
  });

  expect(await bridge(["export", "world_clock", "--out", "exported"], { folder })).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, "exported", "world_clock.ts"), "utf8")).toBe(zones);
  expect(await bridge(["skill", "world_clock", "--out", "skills"], { folder })).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, "skills", "world-clock", "SKILL.md"), "utf8")).toMatch(
    /^---\nname: world-clock\ndescription: "The time in zones\."\n---/,
  );

  expect(await bridge(["export", "--all", "--out", "all.json"], { folder })).toMatchObject({ code: 0 });
  await callTool("execute_mcp_code", { code: `await dynamic.tool_delete({ name: "world_clock" });` });
  expect(await bridge(["save", "--all", "all.json"], { folder })).toMatchObject({ code: 0 });
  expect(await bridge(["run", "world_clock", "--zones", "UTC"])).toMatchObject({ code: 0 });
});

test("what one session saves, changes or deletes is so in the next list of another, and an MCP session that its client has ended is 404", async () => {
  const at = (session: string) => ({ ...product, url: `${product.url}/s/${session}` });
  const manage = (code: string) => callTool("execute_mcp_code", { code }, at("writer"));
  const listed = async () => JSON.stringify(await callTool("list_mcp_capabilities", { query: "halves" }, at("reader")));
  for (let times = 0; times < 2; times++) expect(await listed()).not.toContain("halves(");
  const source = "export default ({ n }: { n: number }) => n / 2;";
  await manage(`await dynamic.tool_create({ name: "halves", description: "Halves it.", code: ${JSON.stringify(source)} });`);
  expect(await listed()).toContain("Halves it.");
  await manage(`await dynamic.tool_update({ name: "halves", patch: { description: "Halves a number." } });`);
  expect(await listed()).toContain("Halves a number.");
  await manage(`await dynamic.tool_delete({ name: "halves" });`);
  expect(await listed()).not.toContain("halves(");

  const headers = { "Mcp-Session-Id": crypto.randomUUID() };
  const ask = async (method: string) => (await fetch(`${at("reader").url}/mcp`, { method, headers })).status;
  expect([await ask("GET"), await ask("DELETE"), await ask("GET")]).toEqual([405, 204, 404]);
});

test("everything is exported and saved again as it was, whatever of it can be", { tags: ["saved.commands"] }, async () => {
  const folder = join(product.folder, "moved");
  await mkdir(folder, { recursive: true });
  const programs = [
    { name: "zz_inner", code: "/** Doubles. */ export default ({ n }: { n: number }) => 2 * n;" },
    {
      name: "aa_outer",
      code: "/** Calls it. */ export default ({ n }: { n: number }) => saved.zz_inner({ n });",
      allowedMcpIds: ["saved"],
    },
    {
      name: "schemas",
      description: "Given.",
      code: "return args.n;",
      inputSchema: { type: "object", properties: { n: { type: "integer" } } },
    },
  ];
  for (const program of programs) {
    const create = { code: "return await dynamic.tool_create(args);", args: program };
    expect(await callTool("execute_mcp_code", create)).toMatchObject({ ok: true });
  }
  expect(await bridge(["export", "--all", "--out", "all.json"], { folder })).toMatchObject({ code: 0 });
  const { savedTools } = JSON.parse(await readFile(join(folder, "all.json"), "utf8"));
  const unfit = { name: "unfit", description: "Unfit.", code: "return await nowhere.read();" };
  const old = { name: "old_example", description: "Old.", code: programs[0]?.code, examples: [{ count: 1 }] };
  await writeFile(join(folder, "all.json"), JSON.stringify({ savedTools: [unfit, old, ...savedTools] }));
  for (const { name } of programs) {
    await callTool("execute_mcp_code", { code: "await dynamic.tool_delete({ name: args.name });", args: { name } });
  }
  const again = await bridge(["save", "--all", "all.json"], { folder });
  expect(again).toMatchObject({
    code: 1,
    out: expect.stringContaining("old_example is saved"),
    err: expect.stringMatching(/^error: unfit: .*nowhere[\s\S]*^warning: old_example is without its examples: .*n is missing/m),
  });
  expect(await bridge(["run", "aa_outer", "--n", "4"])).toMatchObject({ code: 0, out: "8\n" });
  expect(await bridge(["run", "schemas", "--n", "1.5"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("takes integer"),
  });

  await writeFile(join(folder, "broken.json"), '{"savedTools": [');
  for (const file of ["broken.json", "missing.json"]) {
    const refused = await bridge(["save", "--all", file], { folder });
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/^error: .*json/) });
    expect(refused.err).not.toContain(" at ");
  }
});

test("what was saved again from an export is what it was, and says itself what it said itself", {
  tags: ["saved.commands"],
}, async () => {
  const folder = join(product.folder, "again");
  await mkdir(folder, { recursive: true });
  const own = `/**\n * Doubles.\n * @example { "n": 2 }\n */\nexport default ({ n = 1 }: { n?: number }) => 2 * n;`;
  const programs = [
    { name: "again_own", code: own, title: "Own", timeoutMs: 5_000 },
    { name: "again_given", code: own, description: "Given.", examples: [], enabled: false, allowedMcpIds: ["time"] },
    { name: "again_kept", code: own },
  ];
  const call = (tool: string, args: object) =>
    callTool("execute_mcp_code", { code: "return (await dynamic.$call(args.tool, args.args)).tool;", args: { tool, args } });
  const shown = async () => {
    const all = await Promise.all(programs.map(({ name }) => call("tool_get", { name })));
    return all.map((answer) => {
      const { revision: _revision, createdAt: _createdAt, updatedAt: _updatedAt, ...rest } = Object(answer).result;
      return rest;
    });
  };
  for (const program of programs) expect(await call("tool_create", program)).toMatchObject({ ok: true });
  // It has no comment any more, and keeps what that had said.
  const bare = own.replace(/^[\s\S]*\*\/\n/, "");
  expect(await call("tool_update", { name: "again_kept", patch: { code: bare } })).toMatchObject({ ok: true });
  const before = await shown();
  expect(before).toMatchObject([{ description: "Doubles.", examples: [{ n: 2 }] }, { given: ["description", "examples"] }, {}]);

  expect(await bridge(["export", "--all", "--out", "all.json"], { folder })).toMatchObject({ code: 0 });
  expect(await bridge(["save", "--all", "all.json"], { folder })).toMatchObject({ code: 0, err: "" });
  expect((await shown()).slice(0, 2)).toEqual(before.slice(0, 2));
  for (const { name } of programs) expect(await call("tool_delete", { name })).toMatchObject({ ok: true });
  expect(await bridge(["save", "--all", "all.json"], { folder })).toMatchObject({ code: 0, err: "" });
  const after = await shown();
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after[2]).toMatchObject({ description: "Doubles." });
  const patch = { code: own.replace("Doubles.", "Doubles again.") };
  expect(await call("tool_update", { name: "again_own", patch })).toMatchObject({ result: { description: "Doubles again." } });
  expect(await call("tool_update", { name: "again_given", patch })).toMatchObject({ result: { description: "Given." } });
});

test("with SAVED_TOOLS=ask a person accepts or rejects on the command line what a program wants to save", {
  tags: ["saved.proposals", "saved.commands"],
}, async () => {
  await using asking = await startProduct({ registry: { servers: [] }, env: { SAVED_TOOLS: "ask" } });
  const run = (code: string) => callTool("execute_mcp_code", { code }, asking);
  const save = (name: string) =>
    run(
      `return (await dynamic.tool_create({ name: "${name}", code: "/** Doubles. */ export default ({ n }: { n: number }) => 2 * n;" })).tool;`,
    );
  expect(await save("doubles")).toMatchObject({ ok: true, result: { proposed: true } });
  expect(await save("unwanted")).toMatchObject({ ok: true });
  const refused = { ok: false, errors: [{ code: "tool_unknown" }] };
  expect(await run(`return await saved.$call("doubles", { n: 4 });`)).toMatchObject(refused);

  const { port } = asking;
  expect(await bridge(["run", "doubles", "--n", "4"], { port })).toMatchObject({
    code: 1,
    err: expect.stringContaining("mcp-bridge save --accept doubles --revision 1"),
  });
  const waiting = await bridge(["approvals", "list"], { port });
  expect(waiting.out).toContain("doubles, revision 1, is a program to be saved: mcp-bridge save --accept doubles --revision 1\n");
  expect(await bridge(["save", "--accept", "doubles", "--revision", "2"], { port })).toMatchObject({
    code: 1,
    err: expect.stringContaining("2 was expected"),
  });
  expect(await bridge(["save", "--accept", "doubles", "--revision", "1"], { port })).toMatchObject({
    code: 0,
    out: "doubles, revision 1, may use the default servers: Doubles.\nAccepted. Every session of yours can call it now.\n",
  });
  expect(await bridge(["save", "--reject", "unwanted"], { port })).toMatchObject({ code: 0 });
  expect(await bridge(["save", "--accept", "unwanted"], { port })).toMatchObject({
    code: 1,
    err: expect.stringContaining("decided"),
  });
  expect(await run(`return await saved.doubles({ n: 4 });`)).toMatchObject({ ok: true, result: 8 });
  expect(await run(`return await dynamic.tool_delete({ name: "doubles" });`)).toMatchObject({
    errors: [{ message: expect.stringContaining("only a person deletes it") }],
  });
  expect(await run(`return await saved.$call("unwanted", { n: 4 });`)).toMatchObject(refused);
});

test("a result of a megabyte arrives whole on standard output", async () => {
  const code = `await dynamic.tool_create({ name: "large", description: "Large.", code: 'return Array.from({ length: 60_000 }, (_, n) => "row " + n);' });`;
  expect(await callTool("execute_mcp_code", { code })).toMatchObject({ ok: true });
  const { out, code: exit } = await bridge(["run", "large"]);
  expect(exit).toBe(0);
  expect(JSON.parse(out)).toHaveLength(60_000);
});

test("run starts what it needs where nothing runs, finds what was saved there before, and leaves nothing running", {
  tags: ["saved.commands"],
}, async () => {
  await callTool("execute_mcp_code", {
    code: `await dynamic.tool_create({ name: "kept_on", description: "Kept.", code: "return { kept: true };" });`,
  });
  await cp(join(projectRoot, "skills/mcp-dynamic-orchestrator/scripts"), join(product.folder, "scripts"), { recursive: true });
  await writeFile(join(product.folder, "three.txt"), "TODO one\nTODO two\nFIXME\n");
  await product.stop();
  const { code, out } = await bridge(["run", "--registry", join(product.folder, "registry.json"), "kept_on"]);
  expect({ code, out: JSON.parse(out) }).toEqual({ code: 0, out: { kept: true } });
  await expect(fetch(`${product.url}/livez`)).rejects.toThrow();
});

test("the scripts that ship work on real servers, from the folder beside the registry", { tags: ["saved.scripts"] }, async () => {
  const registry = ["run", "--registry", join(product.folder, "registry.json")];
  const clock = await bridge([...registry, "world_clock", "--zones", "UTC", "--zones", "Asia/Tokyo"]);
  expect(clock).toMatchObject({ code: 0 });
  expect(JSON.parse(clock.out)).toMatchObject([{ zone: "UTC", now: expect.stringMatching(/\d/) }, { zone: "Asia/Tokyo" }]);
  const compared = await bridge([
    ...registry,
    "compare_patterns",
    "--patterns",
    "TODO",
    "--patterns",
    "FIXME",
    "--path",
    join(product.folder, "three.txt"),
  ]);
  expect({ ...compared, out: JSON.parse(compared.out || "null") }).toMatchObject({ code: 0, out: [{ lines: 2 }, { lines: 1 }] });
});
