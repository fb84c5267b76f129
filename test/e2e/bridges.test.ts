import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectModern } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";
import { startNotesBridge } from "../support/second-bridge.ts";

const large = {
  id: "large",
  title: "large",
  summary: "The large server.",
  mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/sends.mjs")] },
};

let product: Product;
beforeAll(async () => {
  product = await startProduct({ registry: { servers: [large] } });
});
afterAll(() => product[Symbol.asyncDispose]());

interface Outcome {
  ok: boolean;
  result?: unknown;
  errors?: { code: string; message: string }[];
  calls?: { outcome: string }[];
}

async function execute(code: string, args: Record<string, unknown> = {}): Promise<Outcome> {
  await using client = await connectModern(`${product.url}/mcp`);
  const answer = await client.call("execute_mcp_code", { code, args, maxRuntimeMs: 60_000 });
  // The text holds the whole outcome, also of a failed run.
  return JSON.parse(answer.text);
}

describe("two bridges of one session", () => {
  test("serve one program, and when one disconnects the other's servers keep working", {
    tags: ["tunnel.several-bridges"],
  }, async () => {
    const second = await startNotesBridge({ port: product.port, token: await product.bridgeToken() });
    const both = `return [await notes.write({ text: "one" }), (await large.send({ chars: 3 }))];`;
    try {
      expect(await execute(both)).toMatchObject({ ok: true, result: ["wrote one", "xxx"] });
    } finally {
      second.signal("SIGTERM");
      expect(await second.exited()).toBe(0);
      await second[Symbol.asyncDispose]();
    }
    expect(await execute(`return await large.send({ chars: 2 });`)).toMatchObject({ ok: true, result: "xx" });
    expect(await execute(both)).toMatchObject({ ok: false, errors: [{ code: "bridge_offline" }] });
    await using client = await connectModern(`${product.url}/mcp`);
    const { structured } = await client.call("list_mcp_capabilities", {});
    expect(structured).toMatchObject({
      servers: expect.arrayContaining([
        expect.objectContaining({ id: "notes", status: "bridge_offline", reason: expect.stringContaining("is not connected") }),
      ]),
    });
  });
});

describe("a large result of a stdio server", () => {
  test("arrives if it has 5 MB", { tags: ["tunnel.large"] }, async () => {
    const code = `const text = await large.send({ chars: 5_000_000 }); return text.length;`;
    expect(await execute(code)).toMatchObject({ ok: true, result: 5_000_000, calls: [{ outcome: "succeeded" }] });
  });

  test("is refused with the tool's name, its size and the limit if it has 20 MB, and the next call works", {
    tags: ["tunnel.large"],
  }, async () => {
    const outcome = await execute(`
      const message = await large.send({ chars: 20_000_000 }).catch((error) => error.code + ": " + error.message);
      return [message, await large.send({ chars: 1 })];`);
    expect(outcome).toMatchObject({
      ok: true,
      result: [expect.stringMatching(/^output_limit: large\.send answered 20000\d\d\d characters; at most 16777216 bytes /), "x"],
      calls: [{ outcome: "failed" }, { outcome: "succeeded" }],
    });
  });
});
