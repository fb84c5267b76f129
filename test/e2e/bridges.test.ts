import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BackgroundProcess, projectRoot, startBackground } from "../support/background-process.ts";
import { openCuttingProxy } from "../support/cutting-proxy.ts";
import { connectModern } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { seeded } from "../support/random-values.ts";

const entry = (id: string, args: string[]) => ({
  id,
  title: id,
  summary: `The ${id} server.`,
  mcp: { transport: "stdio", command: process.execPath, args },
});
const serverFile = (name: string) => join(projectRoot, `test/servers/${name}.mjs`);

let product: Product;
let token: string;
beforeAll(async () => {
  product = await startProduct({ registry: { servers: [entry("large", [serverFile("sends")])] } });
  token = await product.bridgeToken();
});
afterAll(() => product[Symbol.asyncDispose]());

/** Of the cuts; `SEED=…` repeats a failure. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A second bridge of the product's session, whose server writes each call into the file `calls` of its folder. */
async function startBridge(port = product.port): Promise<BackgroundProcess> {
  const bridge = await startBackground({
    args: async (folder) => {
      const registry = join(folder, "registry.json");
      await writeFile(join(folder, "calls"), "");
      await writeFile(registry, JSON.stringify({ servers: [entry("notes", [serverFile("records"), join(folder, "calls")])] }));
      return ["bridge/cli.ts", "start", "--url", `http://127.0.0.1:${port}`, "--registry", registry];
    },
    env: () => ({ BRIDGE_TOKEN: token }),
  });
  await bridge.printed(/^tunnel +connected/m);
  return bridge;
}

async function callsMade({ folder }: BackgroundProcess): Promise<string[]> {
  const lines = (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line).args.text);
}

interface Outcome {
  ok: boolean;
  result?: unknown;
  errors?: { code: string; message: string }[];
  calls?: { outcome: string }[];
}

async function execute(code: string, args: Record<string, unknown> = {}): Promise<Outcome> {
  await using client = await connectModern(`${product.url}/mcp`);
  const answer = await client.call("execute_mcp_code", { code, args, maxRuntimeMs: 60_000 });
  // The text says everything, of an error too.
  return JSON.parse(answer.text);
}

describe("two bridges of one session", () => {
  test("serve one program, and what one of them takes away with it leaves the other's servers working", {
    tags: ["tunnel.several-bridges"],
  }, async () => {
    const second = await startBridge();
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
  test("arrives when it has 5 MB", { tags: ["tunnel.large"] }, async () => {
    const code = `const text = await large.send({ chars: 5_000_000 }); return text.length;`;
    expect(await execute(code)).toMatchObject({ ok: true, result: 5_000_000, calls: [{ outcome: "succeeded" }] });
  });

  test("is refused when it has 20 MB, by the tool's name, its size and the bound, and the next call works", {
    tags: ["tunnel.large"],
  }, async () => {
    const outcome = await execute(`
      const message = await large.send({ chars: 20_000_000 }).catch((error) => error.code + ": " + error.message);
      return [message, await large.send({ chars: 1 })];`);
    expect(outcome).toMatchObject({
      ok: true,
      result: [expect.stringMatching(/^output_limit: large\.send answered 20000\d\d\d bytes; at most 16777216 /), "x"],
      calls: [{ outcome: "failed" }, { outcome: "succeeded" }],
    });
  });
});

describe("a bridge whose connection is cut at any byte", () => {
  const rounds = 100;
  test.each([seed])(
    "makes no call twice, and every call has an outcome that is true (seed %i)",
    { tags: ["tunnel.once"], timeout: 600_000 },
    async (seed) => {
      const random = seeded(seed);
      await using proxy = await openCuttingProxy(product.port);
      await using bridge = await startBridge(proxy.port);
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
        const { calls = [], ...rest } = await execute(code, { texts });
        if (calls.length !== texts.length) throw new Error(`round ${round}: ${JSON.stringify({ calls, ...rest })}`);
        for (const [index, text] of texts.entries()) outcomes.set(text, calls[index]?.outcome ?? "none");
      }
      const made = await callsMade(bridge);
      expect(new Set(made).size).toBe(made.length);
      for (const [text, outcome] of outcomes) {
        expect(["succeeded", "unknown", "not_started"], text).toContain(outcome);
        if (outcome === "succeeded") expect(made, text).toContain(text);
        if (outcome === "not_started") expect(made, text).not.toContain(text);
      }
      const counts = Object.groupBy(outcomes.values(), (outcome) => outcome);
      expect(counts.unknown?.length, "some calls were cut").toBeGreaterThan(rounds / 10);
      expect(counts.succeeded?.length, "most calls were not").toBeGreaterThan(rounds);
    },
  );
});
