import { describe, expect, test } from "vitest";
import { systemClock } from "../../../bridge/clock.ts";
import { findFreePort } from "../../../bridge/local/free-port.ts";
import type { StdioEntry } from "../../../bridge/stdio/launch.ts";
import { createStdioServers } from "../../../bridge/stdio/servers.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Elicitation, ElicitationAnswer } from "../../../core/mcp/elicitation.ts";
import { type CallToolResult, toValue } from "../../../core/mcp/tool-result.ts";
import type { UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import { type BackgroundOptions, startBackground } from "../../support/background-process.ts";
import { serverEntry } from "../../support/builders.ts";
import { failureOf } from "../../support/failure.ts";
import { ManualClock } from "../../support/fakes.ts";
import { remoteServers } from "../../support/http-mcp.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving, stdioEntry } from "../../support/stdio-entries.ts";

/* Servers that ask for user input over each transport: by elicitation/create (2025-11-25) or by input_required (2026-07-28). */

type Call = (tool: string, args: Record<string, string>, options?: Partial<UpstreamCallOptions>) => Promise<CallToolResult>;

type OnElicit = NonNullable<UpstreamCallOptions["onElicit"]>;

interface Reached extends AsyncDisposable {
  call: Call;
}

const basic = { signal: new AbortController().signal, timeoutMs: 20_000 };

function overStdio(entry: StdioEntry, clock: Clock = systemClock): Reached {
  const pool = createStdioServers({
    servers: [entry],
    registryPath: "registry.json",
    environment: (name) => process.env[name],
    projectRoot,
    clock,
    onStatus: () => {},
  });
  return {
    call: (tool, args, options = {}) => pool.callTool("subject", { tool, args }, { ...basic, ...options }),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

async function overHttp(options: BackgroundOptions, clock: Clock = systemClock): Promise<Reached> {
  const server = await startBackground(options);
  const [, port] = await server.printed(/on port (\d+)/);
  const entry = serverEntry("subject", {
    mcp: { transport: "http", url: `http://127.0.0.1:${port}/mcp`, headers: {} },
  });
  const servers = remoteServers({ clock });
  return {
    call: (tool, call, options = {}) => servers.callTool(entry, { tool, args: call }, { ...basic, ...options }),
    async [Symbol.asyncDispose]() {
      servers.drop("subject");
      await server[Symbol.asyncDispose]();
    },
  };
}

const ways: [string, (clock?: Clock) => Reached | Promise<Reached>][] = [
  ["stdio of 2025-11-25", (clock) => overStdio(misbehaving("asks", "stdio"), clock)],
  ["stdio of 2026-07-28", (clock) => overStdio(misbehaving("asks", "modern"), clock)],
  ["HTTP of 2026-07-28", (clock) => overHttp({ args: () => ["test/servers/asks.mjs", "http"] }, clock)],
];

function answering(answer: (question: Elicitation) => ElicitationAnswer) {
  const asked: { question: Elicitation; isCertain: boolean }[] = [];
  const onElicit: OnElicit = async (question, { isCertain }) => {
    asked.push({ question, isCertain });
    return answer(question);
  };
  return { asked, onElicit };
}

const accept = (content: Record<string, string | number>): ElicitationAnswer => ({ action: "accept", content });

describe.each(ways)("a server over %s", (_way, reach) => {
  test("that asks for input during a call gets the answer and completes the call", { tags: ["questions.asked"] }, async () => {
    await using server = await reach();
    const { asked, onElicit } = answering(() => accept({ name: "Ada", guests: 2 }));
    expect(toValue(await server.call("book", { table: "7" }, { onElicit }))).toBe("table 7: Ada, 2");
    expect(asked).toEqual([
      {
        isCertain: true,
        question: {
          mode: "form",
          message: "Who sits at table 7?",
          requestedSchema: expect.objectContaining({
            type: "object",
            properties: expect.objectContaining({ name: expect.objectContaining({ type: "string" }) }),
          }),
        },
      },
    ]);
  });

  test("gets decline or cancel when the user declines or cancels", async () => {
    await using server = await reach();
    for (const action of ["decline", "cancel"] as const) {
      const { onElicit } = answering(() => ({ action }));
      expect(toValue(await server.call("book", {}, { onElicit }))).toBe(`table 1: ${action}`);
    }
  });

  test("that asks twice is answered twice", async () => {
    await using server = await reach();
    const { asked, onElicit } = answering(({ message }) =>
      accept(message === "Which dish?" ? { dish: "soup" } : { drink: "water" }),
    );
    expect(toValue(await server.call("menu", {}, { onElicit }))).toBe("soup with water");
    expect(asked.map(({ question }) => question.message)).toEqual(["Which dish?", "Which drink?"]);
  });

  test("may send an elicitation in URL mode, which is answered without content", async () => {
    await using server = await reach();
    const { asked, onElicit } = answering(() => ({ action: "accept" }));
    expect(toValue(await server.call("sign_in", {}, { onElicit }))).toBe("signed in: accept");
    expect(asked).toEqual([
      { isCertain: true, question: { mode: "url", message: "Sign in to book.", url: "https://tables.example/login" } },
    ]);
  });

  test("gets cancel if no user can be asked", async () => {
    await using server = await reach();
    expect(toValue(await server.call("book", {}))).toBe("table 1: cancel");
  });

  test("does not use up the time of a call while it waits for the user", {
    tags: ["questions.time"],
  }, async () => {
    const clock = new ManualClock();
    await using server = await reach(clock);
    const onElicit: OnElicit = async () => {
      clock.advance(10 * basic.timeoutMs);
      return accept({ name: "Ada" });
    };
    expect(toValue(await server.call("book", {}, { onElicit }))).toBe("table 1: Ada, 1");
    expect(clock.pending).toBeLessThanOrEqual(1);
  });
});

test("with several calls in flight, an elicitation request without a related call goes to the oldest call", async () => {
  await using server = overStdio(misbehaving("asks", "stdio"));
  await server.call("free", {});
  const asked: [string, boolean][] = [];
  const answerer =
    (name: string): OnElicit =>
    async (_question, { isCertain }) => {
      asked.push([name, isCertain]);
      return accept({ name });
    };
  const answers = await Promise.all([
    server.call("book", { table: "1" }, { onElicit: answerer("Ada") }),
    server.call("book", { table: "2" }, { onElicit: answerer("Bob") }),
  ]);
  expect(answers.map(toValue)).toEqual(["table 1: Ada, 1", expect.stringMatching(/^table 2: (Ada|Bob), 1$/)]);
  expect(asked[0]).toEqual(["Ada", false]);
});

test("a server that requires a URL to be opened has the user asked, and its call is sent again", async () => {
  await using server = overStdio(misbehaving("locked"));
  const { asked, onElicit } = answering(() => ({ action: "accept" }));
  expect(toValue(await server.call("balance", {}, { onElicit }))).toBe("42");
  expect(asked).toEqual([
    { isCertain: true, question: { mode: "url", message: "Sign in first.", url: "https://bank.example/login" } },
  ]);
  const declined = answering(() => ({ action: "decline" }));
  expect(await failureOf(server.call("balance", {}, { onElicit: declined.onElicit }))).toMatchObject({
    code: "approval_required",
    delivery: "answered",
  });
});

test("an elicitation request is not attributed to a call that already waits for the user", async () => {
  await using server = overStdio(misbehaving("asks", "stdio"));
  const { promise: asked, resolve: sawFirst } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: answerFirst } = Promise.withResolvers<void>();
  const first = server.call(
    "book",
    { table: "1" },
    {
      async onElicit() {
        sawFirst();
        await goOn;
        return accept({ name: "Ada" });
      },
    },
  );
  await asked;
  const second = answering(() => accept({ name: "Bob" }));
  expect(toValue(await server.call("book", { table: "2" }, { onElicit: second.onElicit }))).toBe("table 2: Bob, 1");
  expect(second.asked).toMatchObject([{ isCertain: true }]);
  answerFirst();
  expect(toValue(await first)).toBe("table 1: Ada, 1");
});

test.each([
  ["sample", "no model to sample from"],
  ["look", "no roots"],
])(
  "a server that requests an undeclared capability (%s) gets an error that explains it, and keeps running",
  { tags: ["questions.not-offered"] },
  async (tool, words) => {
    await using legacy = overStdio(misbehaving("samples"), new ManualClock());
    expect(toValue(await legacy.call(tool, {}))).toContain(words);
    expect(toValue(await legacy.call(tool, {}))).toContain(words);

    await using modern = overStdio(misbehaving("samples", "modern"), new ManualClock());
    const failure = await failureOf(modern.call(tool, {}));
    expect(failure).toMatchObject({ code: "tool_error", delivery: "answered", message: expect.stringContaining(words) });
  },
);

describe("server-everything", () => {
  const program = "node_modules/@modelcontextprotocol/server-everything/dist/index.js";

  /** The port is chosen here, because the server prints 0 if it chooses one itself. */
  async function everythingOverHttp(): Promise<Reached> {
    const port = String(await findFreePort());
    return overHttp({ args: () => [program, "streamableHttp"], env: () => ({ PORT: port }) });
  }

  test.each<[string, () => Reached | Promise<Reached>]>([
    ["stdio", () => overStdio(stdioEntry({ command: process.execPath, args: [program, "stdio"] }))],
    ["HTTP of 2025-11-25", everythingOverHttp],
  ])("over %s lists its elicitation tool, because this client declares elicitation", async (_way, reach) => {
    await using server = await reach();
    const { asked, onElicit } = answering(() => accept({ name: "Ada", check: "yes" }));
    expect(String(toValue(await server.call("trigger-elicitation-request", {}, { onElicit })))).toContain("Ada");
    expect(asked).toMatchObject([{ isCertain: true, question: { mode: "form" } }]);
  });
});
