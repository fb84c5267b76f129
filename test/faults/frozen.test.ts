import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../core/limits.ts";
import { processesOf } from "../support/background-process.ts";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";

/* Processes of `npm start` that stand still for a while, as on a laptop that was asleep, and go on. */

let product: Product;
let client: McpClient;
beforeAll(async () => {
  product = await startProduct({ registry: { servers: [] } });
  client = await connectModern(`${product.url}/mcp`);
});
afterAll(async () => {
  await client?.close();
  await product?.[Symbol.asyncDispose]();
});

async function run(code: string): Promise<unknown> {
  const { structured } = await client.call("execute_mcp_code", { code, maxRuntimeMs: 10_000 });
  return structured;
}

test("while `npm start` is frozen, programs end with what does not answer, and run again after it", {
  tags: ["sandbox.frozen-host"],
}, async () => {
  product.signal("SIGSTOP");
  expect(await run("return 1;").finally(() => product.signal("SIGCONT"))).toMatchObject({
    ok: false,
    errors: [{ code: "server_unavailable", message: expect.stringMatching(/"npm start" has not answered .*Run this again/) }],
  });
  expect(await run("return 1;")).toMatchObject({ ok: true, result: 1 });
});

test("while the compiler is frozen, a program waits for it longer than it may take to be read", {
  tags: ["sandbox.compiler"],
}, async () => {
  expect(await run("return 2;")).toMatchObject({ ok: true, result: 2 });
  const compiler = processesOf(product).find(({ command }) => command.endsWith("compiler.capnp"));
  if (compiler === undefined) throw new Error("the compiler does not run");
  process.kill(compiler.pid, "SIGSTOP");
  const running = run("return 3;");
  await delay(limits.readMs + 1_500);
  process.kill(compiler.pid, "SIGCONT");
  expect(await running).toMatchObject({ ok: true, result: 3 });
  expect(product.output()).not.toMatch(/^restart +compiler /m);
});
