import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Attack, AttackArgs } from "../attacks/attack.ts";
import { corpus } from "../attacks/corpus.ts";
import { importing, known } from "../attacks/texts.ts";
import { runUnguarded } from "../attacks/unguarded.ts";
import { connectSdk, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/*
 * Hostile programs in the whole product. There is one server that they may use, one that they may not use, a listener that they
 * must not reach, and secrets that they must not see.
 */

const secret = "marker-7d1f0c9e";
const files = { notes: "notes.calls", vault: "vault.calls" } as const;

const records = (id: keyof typeof files, fields: object) => ({
  id,
  title: id,
  summary: `Writes down what it is told (${id}).`,
  mcp: {
    transport: "stdio",
    command: process.execPath,
    args: [join(projectRoot, "test/servers/records.mjs"), `\${env:TMPDIR}/${files[id]}`],
    env: { SERVER_SECRET: "${env:MARKER_SECRET}" },
  },
  limits: { callsPerMinute: 10_000 },
  ...fields,
});

let product: Product;
let client: McpClient;
let other: McpClient;
let listener: Server;
let connections = 0;
let args: AttackArgs;

const execute = (input: object, by = client) => by.call("execute_mcp_code", input);
const callsOf = async (id: keyof typeof files) => {
  const text = await readFile(join(product.folder, files[id]), "utf8");
  return text.split("\n").filter((line) => line !== "").length;
};

beforeAll(async () => {
  product = await startProduct({
    registry: { servers: [records("notes", {}), records("vault", { visibility: "opt_in" })] },
    env: { MARKER_SECRET: secret },
  });
  for (const name of Object.values(files)) await writeFile(join(product.folder, name), "");
  client = await connectSdk(`${product.url}/mcp`);
  other = await connectSdk(`${product.url}/s/other/mcp`);
  listener = createServer((_request, response) => response.end("reached"));
  listener.on("connection", () => {
    connections += 1;
  });
  const listenerPort = await new Promise<number>((resolve) =>
    listener.listen(0, "127.0.0.1", () => resolve(Number(Object(listener.address()).port))),
  );
  const kept = await execute(
    {
      code: `import { session } from "runtime"; await session.set("secret", "${secret}"); return Array(20_000).fill("${secret}");`,
    },
    other,
  );
  args = { listenerPort, productPort: product.port, foreignHandle: String(kept.structured.handle) };
});

afterAll(async () => {
  await client?.close();
  await other?.close();
  await new Promise((resolve) => (listener ? listener.close(resolve) : resolve(undefined)));
  await product?.[Symbol.asyncDispose]();
});

describe("the check for forbidden effects", () => {
  it("detects a call to the forbidden server", async () => {
    const answer = await execute({ code: `return await vault.write({ text: "x" });`, allowedMcpIds: ["vault"] });
    expect(answer.structured).toMatchObject({ ok: true, result: "wrote x" });
    expect(await watched(answer)).toEqual(["the forbidden server was called"]);
  });

  it("detects a resource request to the forbidden server", async () => {
    const code = `return await vault.$resources.read("note://1");`;
    const answer = await execute({ code, allowedMcpIds: ["vault"] });
    expect(answer.structured).toMatchObject({ ok: true, result: [{ text: "read note://1" }] });
    expect(await watched(answer)).toEqual(["the forbidden server was called"]);
  });

  it("detects a connection to the listener", async () => {
    const answer = await execute({ code: "return 1" });
    await (await fetch(`http://127.0.0.1:${args.listenerPort}/`)).text();
    expect(await watched(answer)).toEqual(["the listener was connected to"]);
  });

  it("detects the secret in an answer", async () => {
    const read = await execute({ code: `import { session } from "runtime"; return await session.get("secret");` }, other);
    expect(await watched(read)).toEqual(["the secret is in the answer"]);
    expect(args.foreignHandle).toMatch(/^\w+/);
  });

  it("detects printed lines, calls and state", async () => {
    const code = `console.log("a"); await notes.write({ text: "a" }); globalThis.left = 1; clearTimeout(setTimeout(() => { globalThis.left = 2; }, 5)); await new Promise((r) => setTimeout(r, 20)); return globalThis.left;`;
    const { structured } = await execute({ code, language: "js" });
    expect(structured).toMatchObject({ ok: true, result: 1, logs: [{ message: "a" }] });
    expect(structured.calls).toMatchObject([{ server: "notes", tool: "write", outcome: "succeeded" }]);
  });

  it.each((corpus["new code"] ?? []).filter(({ name }) => /constructor's|evaluates text|makes a/.test(name)))(
    "detects code made from data when a program $name",
    async ({ code = "" }) => {
      expect(await runUnguarded(code)).not.toBe("refused");
    },
  );

  it.each((corpus.prototypes ?? []).filter(({ name }) => /^spoils JSON/.test(name)))(
    "detects a changed reply when a program $name",
    async ({ code = "", ends }) => {
      expect({ result: await runUnguarded(code) }).not.toEqual(ends);
    },
  );

  it("detects the process object when a program walks all exports of the standard modules", async () => {
    const walk = (corpus["standard modules"] ?? []).find(({ name }) => name.startsWith("walks everything"));
    const code = (walk?.code ?? "").replace(/return .*;$/, "console.log(found.join());");
    const { stdout } = await promisify(execFile)(process.execPath, [...quietly, "-e", code], { env: {} });
    expect(stdout).toContain("getBuiltinModule");
  });
});

it("an isolate with standard modules has the same globals as one without", { tags: ["sandbox.imports"] }, async () => {
  const code = `const names = []; for (let at = globalThis; at; at = Object.getPrototypeOf(at)) names.push(Reflect.ownKeys(at).map(String).sort()); return names;`;
  const plain = await execute({ code });
  const withModules = await execute({ code: `import { inspect } from "node:util"; inspect(1); ${code}` });
  expect(withModules.structured.result).toEqual(plain.structured.result);
  expect(JSON.stringify(plain.structured.result)).toContain("structuredClone");
});

const families = Object.entries(corpus).map(([family, attacks]) => ({ family, attacks }));

it("the corpus has at least 100 programs and no duplicates", { tags: ["sandbox.attacks"] }, () => {
  const all = families.flatMap(({ attacks }) => attacks);
  expect(all.length).toBeGreaterThanOrEqual(100);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

describe.each(families)("a program of the family $family", ({ attacks }) => {
  // The second run of some is in an isolate that is kept, and the third in the same one, if that has found nothing changed.
  it.each(attacks)("fails three times when it $name", { tags: ["sandbox.attacks"] }, async (attack) => {
    for (let time = 0; time < 3; time++) await attempt(attack);

    // It must not affect the next run of the session either.
    const after = await execute({ code: "return 1 + 1" });
    expect(after.structured).toMatchObject({ ok: true, result: 2 });
    expect(after.structured).not.toHaveProperty("logs");
    expect(after.structured).not.toHaveProperty("calls");
  });

  async function attempt(attack: Attack): Promise<void> {
    const before = await callsOf("notes");
    const answer = await execute(inputOf(attack));

    expect(await watched(answer)).toEqual([]);
    const { structured } = answer;
    if ("result" in attack.ends) {
      expect(structured).toMatchObject({ ok: true });
      expect(structured.result).toEqual(attack.ends.result);
    } else {
      expect(structured).toMatchObject({ ok: false, errors: [{ code: attack.ends.error }] });
      if (attack.ends.error === "import_not_allowed") expect(structured.errors).toMatchObject([placeAndList]);
    }
    const calls = list(structured.calls).map((call) => `${call.server}.${call.tool} ${call.outcome}`);
    expect(calls).toEqual(attack.calls ?? []);
    expect(list(structured.logs).map((line) => line.message)).toEqual(attack.logs ?? []);
    expect(await callsOf("notes")).toBe(before + calls.filter((call) => !call.endsWith("not_started")).length);
  }
});

// The other session has no bridge, so it has no server "notes".
const withoutServers = (corpus.state ?? []).filter(({ code }) => code?.includes("notes") === false);

it.each(withoutServers)("another session finds nothing when a program $name", { tags: ["sandbox.attacks"] }, async (attack) => {
  const { structured } = await execute(inputOf(attack), other);
  expect(structured).toMatchObject({ ok: true, result: null });
});

describe("a text that is hard to read", () => {
  // Every second one as an imported file. How each of them is read in either place is in test/unit/program/hard-texts.test.ts.
  const programs = known.map((hard, index) =>
    hard.extension !== undefined || index % 2 === 1
      ? { title: `${hard.name}, in an imported file`, input: importing(hard) }
      : { title: hard.name, input: { code: hard.text } },
  );
  /** What the first session does while the other one sends such a text. Its program was read before, so that it needs nobody else. */
  const honest = { code: 'return await notes.write({ text: "honest" });' };
  /** Far more than either takes, and far less than a text that is hard to read can hold up a process. */
  const honestMs = 3_000;

  beforeAll(async () => {
    expect((await execute(honest)).structured).toMatchObject({ ok: true });
  });

  it.each(programs)(
    "ends with a clear error or runs, and holds up no other session: $title",
    { tags: ["sandbox.compiler", "sandbox.attacks"] },
    async ({ input }) => {
      let isOver = false;
      const hostile = execute({ ...input, maxRuntimeMs: 5_000 }, other).finally(() => {
        isOver = true;
      });
      do {
        const startedAt = performance.now();
        const listed = await client.call("list_mcp_capabilities", {});
        expect(listed.structured).toMatchObject({ servers: expect.anything() });
        expect((await execute(honest)).structured).toMatchObject({ ok: true, result: "wrote honest" });
        expect(performance.now() - startedAt).toBeLessThan(honestMs);
        await delay(200);
      } while (!isOver);

      const { structured } = await hostile;
      const [error] = list(structured.errors);
      if (!structured.ok) {
        expect(error?.code).toBeOneOf([
          "syntax_error",
          "compile_limit",
          "type_error",
          "import_not_allowed",
          "memory_limit",
          "cpu_limit",
        ]);
        expect(error?.message).toMatch(/\w/);
      }
      // The next program of the same session is read, by a new process if need be.
      const after = await execute({ code: `return 1 + ${Math.random()} * 0;` }, other);
      expect(after.structured).toMatchObject({ ok: true, result: 1 });
    },
  );
});

it("in the end the other session still has its values, and the first session has none of them", {
  tags: ["sandbox.attacks"],
}, async () => {
  const code = `import { args, session, results } from "runtime"; return [await session.get("secret"), (await results.get(args)).length, await session.list()];`;
  const { structured } = await execute({ code, args: args.foreignHandle }, other);
  expect(structured).toMatchObject({ ok: true, result: [secret, 20_000, ["secret"]] });
  const mine = await execute({ code: `import { session } from "runtime"; return await session.list();` });
  expect(mine.structured).toMatchObject({ ok: true, result: [] });
});

// Walking Node's prototypes causes unhandled rejections.
const quietly = ["--input-type=module", "--unhandled-rejections=none", "--no-warnings"];

const placeAndList = {
  file: expect.any(String),
  line: expect.any(Number),
  column: expect.any(Number),
  frame: expect.stringMatching(/^> +\d+ \|/m),
};

function inputOf({ code, files, entrypoint, language = "js", allowedMcpIds, maxRuntimeMs }: Attack): object {
  return { ...defined({ code, files, entrypoint, allowedMcpIds, maxRuntimeMs }), language, args };
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The forbidden effects since the last check. */
async function watched({ text, structured }: { text: string; structured: object }): Promise<string[]> {
  const seen: string[] = [];
  if ((await callsOf("vault")) > 0) seen.push("the forbidden server was called");
  if (connections > 0) seen.push("the listener was connected to");
  if (text.includes(secret) || JSON.stringify(structured).includes(secret)) seen.push("the secret is in the answer");
  connections = 0;
  await writeFile(join(product.folder, files.vault), "");
  return seen;
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value : [];
}
