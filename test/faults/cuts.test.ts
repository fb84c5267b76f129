import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { openCuttingProxy } from "../support/cutting-proxy.ts";
import { connectModern } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { seeded } from "../support/random-values.ts";
import { notesWritten, startNotesBridge } from "../support/second-bridge.ts";
import { faultsSeed } from "./seed.ts";

const seed = faultsSeed();

let product: Product;
beforeAll(async () => {
  product = await startProduct({ registry: { servers: [] } });
});
afterAll(() => product[Symbol.asyncDispose]());

interface Outcome {
  ok: boolean;
  result?: unknown;
  errors?: { code: string; message: string }[];
  calls?: { outcome: string }[];
  callsHandle?: string;
}

async function execute(code: string, args: Record<string, unknown> = {}): Promise<Outcome> {
  await using client = await connectModern(`${product.url}/mcp`);
  const answer = await client.call("execute_mcp_code", { code, args, maxRuntimeMs: 60_000 });
  // The text says everything, of an error too.
  return JSON.parse(answer.text);
}

/** An answer sums the calls that succeeded; this reads each of them. */
async function everyCall(callsHandle: string): Promise<{ outcome: string }[]> {
  const code = 'import { args, results } from "runtime"; return results.get(args.callsHandle);';
  const { result } = await execute(code, { callsHandle });
  return z.array(z.object({ outcome: z.string() })).parse(result);
}

describe(`a bridge whose connection is cut at any byte, seed ${seed}`, () => {
  const rounds = 100;
  test("makes no call twice, and every call has an outcome that is true", {
    tags: ["tunnel.once"],
    timeout: 600_000,
  }, async () => {
    const random = seeded(seed);
    await using proxy = await openCuttingProxy(product.port);
    await using bridge = await startNotesBridge({ port: proxy.port, token: await product.bridgeToken() });
    const code = `
      import { args } from "runtime";
      import { notes } from "mcp-clients";
      const told = [];
      for (const text of args.texts) told.push(await notes.write({ text }).then(() => "succeeded", (error) => error.code));
      return told;`;
    // What follows needs no listing of tools, which a cut would end before the program begins.
    expect(await execute(code, { texts: ["first"] })).toMatchObject({ ok: true, result: ["succeeded"] });
    const outcomes = new Map([["first", "succeeded"]]);
    for (let round = 0; round < rounds; round++) {
      const texts = Array.from({ length: 4 }, (_, index) => `${round}-${index}`);
      proxy.cutAfter(1 + Math.floor(random() * 2_500));
      const { calls: told, callsHandle, ...rest } = await execute(code, { texts });
      const calls = callsHandle === undefined ? (told ?? []) : await everyCall(callsHandle);
      if (calls.length !== texts.length) throw new Error(`round ${round}: ${JSON.stringify({ calls, ...rest })}`);
      for (const [index, text] of texts.entries()) outcomes.set(text, calls[index]?.outcome ?? "none");
    }
    const made = await notesWritten(bridge);
    expect(new Set(made).size).toBe(made.length);
    for (const [text, outcome] of outcomes) {
      expect(["succeeded", "unknown", "not_started"], text).toContain(outcome);
      if (outcome === "succeeded") expect(made, text).toContain(text);
      if (outcome === "not_started") expect(made, text).not.toContain(text);
    }
    const counts = Object.groupBy(outcomes.values(), (outcome) => outcome);
    expect(counts.unknown?.length, "some calls were cut").toBeGreaterThan(rounds / 10);
    expect(counts.succeeded?.length, "most calls were not").toBeGreaterThan(rounds);
  });
});
