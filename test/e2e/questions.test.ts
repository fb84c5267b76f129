import { Client, type ElicitRequest, StreamableHTTPClientTransport, withInputRequired } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type BackgroundProcess, startBackground } from "../support/background-process.ts";
import { connectModern, connectSdk } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";

/* Elicitation through the whole product: what the person at the client sees, and how the program goes on. */

const stdio = (id: string, ...args: string[]) => ({
  id,
  title: id,
  summary: `The server ${id}.`,
  mcp: { transport: "stdio", command: process.execPath, args },
});

let remote: BackgroundProcess;
let product: Product;

beforeAll(async () => {
  remote = await startBackground({ args: () => ["test/servers/asks.mjs", "http"] });
  const [, port] = await remote.printed(/on port (\d+)/);
  product = await startProduct({
    registry: {
      servers: [
        stdio("tables", "test/servers/asks.mjs", "stdio"),
        stdio("modern", "test/servers/asks.mjs", "modern"),
        { ...stdio("remote"), mcp: { transport: "http", url: `http://127.0.0.1:${port}/mcp` } },
        stdio("samples", "test/servers/samples.mjs"),
        stdio("everything", "node_modules/@modelcontextprotocol/server-everything/dist/index.js", "stdio"),
      ],
    },
  });
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
  await remote?.[Symbol.asyncDispose]();
});

type Answer = ReturnType<NonNullable<NonNullable<Parameters<typeof connectModern>[1]>["onElicit"]>>;

/** Runs a program from a client of MCP 2026-07-28 that answers elicitations with `answer`. */
async function runAsking(code: string, answer: (question: ElicitRequest["params"]) => Answer) {
  const asked: ElicitRequest["params"][] = [];
  const onElicit = (question: ElicitRequest["params"]) => {
    asked.push(question);
    return answer(question);
  };
  await using client = await connectModern(`${product.url}/mcp`, { onElicit });
  const outcome = (await client.call("execute_mcp_code", { code })).structured;
  return { outcome, messages: asked.map(({ message }) => message), asked };
}

const ada: Answer = { action: "accept", content: { name: "Ada", guests: 2 } };

describe.each(["tables", "modern", "remote"])("an elicitation by the server %s", (server) => {
  test("reaches the client with the server's name, and the program continues with the answer", {
    tags: ["questions.asked"],
  }, async () => {
    const code = `const place = await ${server}.book({ table: "7" });\nreturn place.toUpperCase();`;
    const { outcome, messages } = await runAsking(code, () => ada);
    expect(messages).toEqual([`${server} asks (book): Who sits at table 7?`]);
    expect(outcome).toMatchObject({ ok: true, result: "TABLE 7: ADA, 2", calls: [{ server, outcome: "succeeded" }] });
  });

  test("can be declined or cancelled, which the server is told", { tags: ["questions.asked"] }, async () => {
    for (const action of ["decline", "cancel"] as const) {
      const { outcome } = await runAsking(`return await ${server}.book({});`, () => ({ action }));
      expect(outcome).toMatchObject({ ok: true, result: `table 1: ${action}` });
    }
  });

  test("can be followed by another", { tags: ["questions.asked"] }, async () => {
    const { outcome, messages } = await runAsking(`return await ${server}.menu({});`, ({ message }) => ({
      action: "accept",
      content: message.includes("dish") ? { dish: "soup" } : { drink: "water" },
    }));
    expect(messages).toEqual([`${server} asks (menu): Which dish?`, `${server} asks (menu): Which drink?`]);
    expect(outcome).toMatchObject({ ok: true, result: "soup with water" });
  });

  test("can be in URL mode", async () => {
    const { outcome, asked } = await runAsking(`return await ${server}.sign_in({});`, () => ({ action: "accept" }));
    expect(asked).toMatchObject([{ mode: "url", url: "https://tables.example/login" }]);
    expect(outcome).toMatchObject({ ok: true, result: "signed in: accept" });
  });
});

test("simultaneous elicitations of several servers each get their own answer", {
  tags: ["questions.asked"],
}, async () => {
  const code = `return await Promise.all([tables.book({ table: "1" }), modern.book({ table: "2" }), remote.book({ table: "3" })]);`;
  const { outcome } = await runAsking(code, ({ message }) => ({
    action: "accept",
    content: { name: message.slice(0, message.indexOf(" ")) },
  }));
  expect(outcome).toMatchObject({
    ok: true,
    result: ["table 1: tables, 1", "table 2: modern, 1", "table 3: remote, 1"],
  });
});

describe("of two clients at one server", () => {
  /** Connects a client that answers with its own name; `asked` has what its person saw. */
  async function connectAs(name: string) {
    const asked: string[] = [];
    const onElicit = ({ message }: ElicitRequest["params"]): Answer => {
      asked.push(message);
      return { action: "accept", content: { name } };
    };
    const client = await connectModern(`${product.url}/mcp`, { onElicit });
    const run = async (code: string) =>
      (await client.call("execute_mcp_code", { code: `import { session } from "runtime"; ${code}` })).structured;
    return { run, asked, [Symbol.asyncDispose]: () => client.close() };
  }

  /** Programs that call one after the other: the second one waits until the first one's call is under way. */
  const first = (key: string, call: string) =>
    `const calling = ${call}; await session.set("${key}", true); return await calling;`;
  const second = (key: string, call: string) =>
    `while (!(await session.get("${key}"))) await new Promise((wake) => setTimeout(wake, 20)); return await ${call};`;

  test.each(["tables", "remote"])(
    "the one whose call asks is asked, whichever calls first (%s)",
    {
      tags: ["questions.owner"],
    },
    async (server) => {
      for (const order of ["first", "last"]) {
        await using ann = await connectAs("Ann");
        await using bob = await connectAs("Bob");
        const key = `${server}-${order}`;
        const [booking, walking] = order === "first" ? [first, second] : [second, first];
        const [booked, walked] = await Promise.all([
          ann.run(booking(key, `${server}.book({ table: "7" })`)),
          bob.run(walking(key, `${server}.walk({ table: "8" })`)),
        ]);
        expect([ann.asked, bob.asked]).toEqual([[`${server} asks (book): Who sits at table 7?`], []]);
        expect([booked, walked]).toMatchObject([{ result: "table 7: Ann, 1" }, { result: "walked to table 8" }]);
      }
    },
  );

  test.each(["tables", "modern", "remote"])(
    "each is asked its own question when both ask (%s)",
    {
      tags: ["questions.owner"],
    },
    async (server) => {
      await using ann = await connectAs("Ann");
      await using bob = await connectAs("Bob");
      const outcomes = await Promise.all([
        ann.run(`return [await ${server}.book({ table: "1" }), await ${server}.book({ table: "2" })];`),
        bob.run(`return [await ${server}.book({ table: "3" }), await ${server}.book({ table: "4" })];`),
      ]);
      expect(outcomes).toMatchObject([
        { result: ["table 1: Ann, 1", "table 2: Ann, 1"] },
        { result: ["table 3: Bob, 1", "table 4: Bob, 1"] },
      ]);
      expect(ann.asked).toEqual([1, 2].map((table) => `${server} asks (book): Who sits at table ${table}?`));
      expect(bob.asked).toEqual([3, 4].map((table) => `${server} asks (book): Who sits at table ${table}?`));
    },
  );
});

test("the published server-everything can elicit", { tags: ["questions.asked"] }, async () => {
  const code = `import { everything } from "mcp-clients"; return await everything.$call("trigger-elicitation-request", {});`;
  const { outcome, messages } = await runAsking(code, () => ({ action: "accept", content: { name: "Ada" } }));
  expect(messages).toEqual([expect.stringMatching(/^everything asks \(trigger-elicitation-request\): /)]);
  expect(outcome).toMatchObject({ ok: true });
  expect(JSON.stringify(outcome.result)).toContain("Ada");
});

test("a client without elicitation gets an error with the question and the next step", {
  tags: ["questions.unasked"],
}, async () => {
  await using legacy = await connectSdk(`${product.url}/mcp`);
  await using modern = await connectModern(`${product.url}/mcp`);
  for (const client of [legacy, modern]) {
    const { structured, isError } = await client.call("execute_mcp_code", { code: `return await tables.book({ table: "7" });` });
    expect(isError).toBe(true);
    expect(structured).toMatchObject({
      errors: [{ code: "approval_required", server: "tables", tool: "book", line: 1, retryable: false }],
      calls: [{ server: "tables", tool: "book", outcome: "failed" }],
    });
    const [{ message = "" } = {}] = structured.errors as { message?: string }[];
    for (const words of ["Who sits at table 7?", "- name (string): Who comes", "Ask the user."]) expect(message).toContain(words);
  }
});

test("a sampling request is refused with a reason, and the run goes on", {
  tags: ["questions.not-offered"],
}, async () => {
  await using client = await connectModern(`${product.url}/mcp`);
  const code = `return [await samples.sample({}), await samples.look({})];`;
  expect((await client.call("execute_mcp_code", { code })).structured).toMatchObject({
    ok: true,
    result: [expect.stringContaining("no model to sample from"), expect.stringContaining("no roots")],
  });
});

describe("a client that sends the answers itself", () => {
  const Step = withInputRequired(z.looseObject({ structuredContent: z.looseObject({ ok: z.boolean() }) }));

  async function connectByHand() {
    const client = new Client(
      { name: "by-hand", version: "1" },
      {
        versionNegotiation: { mode: "auto" },
        capabilities: { elicitation: { form: {} } },
        inputRequired: { autoFulfill: false },
      },
    );
    await client.connect(new StreamableHTTPClientTransport(new URL(`${product.url}/mcp`)));
    const execute = (more: object) => {
      const params = { name: "execute_mcp_code", arguments: { code: `return await tables.book({});` }, ...more };
      return client.request({ method: "tools/call", params }, Step, { allowInputRequired: true, timeout: 60_000 });
    };
    return { execute, [Symbol.asyncDispose]: () => client.close() };
  }

  const nobodyWaits = {
    isError: true,
    structuredContent: {
      ok: false,
      errors: [{ code: "invalid_input", message: expect.stringContaining("no run of this session waits for this answer") }],
    },
  };

  test("can continue with the requestState it got, once", async () => {
    await using client = await connectByHand();
    const asked = await client.execute({});
    expect(asked).toMatchObject({ resultType: "input_required", requestState: expect.any(String) });
    const { requestState, inputRequests = {} } = z
      .looseObject({ requestState: z.string(), inputRequests: z.record(z.string(), z.unknown()) })
      .parse(asked);
    const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, ada]));
    expect(await client.execute({ requestState, inputResponses })).toMatchObject({
      structuredContent: { ok: true, result: "table 1: Ada, 2" },
    });
    expect(await client.execute({ requestState, inputResponses })).toMatchObject(nobodyWaits);
  });

  test("gets an error with the next step for an invalid requestState", { tags: ["questions.token"] }, async () => {
    await using client = await connectByHand();
    expect(await client.execute({ requestState: "a guess", inputResponses: {} })).toMatchObject(nobodyWaits);
  });

  test("and disconnects during an elicitation leaves a session that runs the next program", {
    tags: ["questions.token"],
  }, async () => {
    {
      await using leaver = await connectByHand();
      expect(await leaver.execute({})).toMatchObject({ resultType: "input_required" });
    }
    const { outcome } = await runAsking(`return await tables.book({});`, () => ada);
    expect(outcome).toMatchObject({ ok: true, result: "table 1: Ada, 2" });
  });
});
