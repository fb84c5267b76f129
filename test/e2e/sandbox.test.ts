import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectSdk, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/* Sandbox sessions under `npm start`, where what they run has a process of its own. */

const logs = {
  id: "logs",
  title: "Logs",
  summary: "Returns a large log.",
  mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/access-log.mjs")] },
};

let product: Product;
let client: McpClient;

beforeAll(async () => {
  product = await startProduct({ registry: { servers: [logs] } });
  client = await connectSdk(`${product.url}/mcp`);
});

afterAll(async () => {
  await client?.close();
  await product?.[Symbol.asyncDispose]();
});

const imports = `import { sandbox } from "mcp-clients"; import { files } from "runtime";`;
const run = (code: string) => client.call("execute_mcp_code", { code: `${imports}\n${code}`, maxRuntimeMs: 60_000 });

test("five megabytes of a tool are sorted, counted and printed by a shell, and never reach the model", {
  tags: ["sandbox.exec"],
}, async () => {
  const { structured, text } = await run(`
    const log = await files.write("access.log", await logs.download({}));
    const { sessionId } = await sandbox.initialize({});
    const { exitCode, stdout } = await sandbox.exec({
      sessionId,
      commands: "sort /files/access.log | uniq -c | awk '{ count[$5] += $1 } END { for (status in count) print status, count[status] }' | sort",
    });
    return { log, exitCode, stdout };`);
  expect(structured).toMatchObject({
    ok: true,
    result: { log: { type: "file", path: "access.log" }, exitCode: 0, stdout: "200 45000\n201 45000\n202 45000\n203 45000\n" },
  });
  expect((structured.result as { log: { bytes: number } }).log.bytes).toBeGreaterThan(5_000_000);
  expect(text.length).toBeLessThan(2_000);
});

test("commands that block their process are stopped with it, and the program that waits for them goes on", {
  tags: ["sandbox.commands-end"],
}, async () => {
  const { structured } = await run(`
    const { sessionId } = await sandbox.initialize({});
    await sandbox.exec({ sessionId, commands: "echo kept > a" });
    const stopped = await sandbox.exec({ sessionId, commands: "echo lost > a; echo x | sed ':a;s/x/xx/;ta'", maxRuntimeMs: 1_000 }).catch((e) => e.code);
    const code = 'return /^(a+)+$/.test("a".repeat(50) + "b");';
    const killed = await sandbox.run_js({ sessionId, code, maxRuntimeMs: 1_000 }).catch((e) => e.code);
    const after = await sandbox.exec({ sessionId, commands: "cat a" });
    return { stopped, killed, after: after.stdout };`);
  await product.printed(/^restart +shell was replaced: a program in it computed without end/m);
  expect(structured).toMatchObject({
    ok: true,
    result: { stopped: expect.stringMatching(/^(cpu_limit|run_timeout|memory_limit)$/), killed: "cpu_limit", after: "kept\n" },
  });
});

test("a list does not show it unasked, and a search for it does", { tags: ["sandbox.exec"] }, async () => {
  const list = async (input: object) => (await client.call("list_mcp_capabilities", input)).structured;
  const shown = await list({});
  expect(shown).toMatchObject({ total: 2 });
  expect(shown).not.toMatchObject({ servers: expect.arrayContaining([expect.objectContaining({ id: "sandbox" })]) });
  const found = await list({ query: "sort a text file in a shell", visibility: ["default", "opt_in"] });
  expect(found).toMatchObject({ servers: expect.arrayContaining([expect.objectContaining({ id: "sandbox" })]) });
});
