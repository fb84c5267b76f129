import { describe, expect, test } from "vitest";
import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { Elicitation } from "../../../core/mcp/elicitation.ts";
import type { ServerMessage } from "../../../core/mcp/input-required.ts";
import { Peer, type PeerClient, type PeerOptions, type PeerRequest } from "../../../core/mcp/peer.ts";
import { readServerLog } from "../../../core/mcp/server-log.ts";
import type { UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import { failureOf } from "../../support/failure.ts";
import { ManualClock } from "../../support/fakes.ts";

/* What all MCP clients of this project have in common, over a connection with scripted answers. */

const options: UpstreamCallOptions = { signal: new AbortController().signal, timeoutMs: 1_000 };
const greet = { tool: "greet", args: { name: "Ada" } };
const greeting = { content: [{ type: "text", text: "hello" }] };

type Answer = (message: ServerMessage, wait: Parameters<PeerClient["request"]>[2]) => unknown;

function connection(answer: Answer, traits: { era?: "modern" | "legacy"; capabilities?: object } = {}) {
  const sent: ServerMessage[] = [];
  const client: PeerClient = {
    async request(message, _schema, wait) {
      sent.push(message);
      return answer(message, wait);
    },
    getServerCapabilities: () => traits.capabilities ?? { resources: {} },
    getProtocolEra: () => traits.era ?? "legacy",
  };
  return { client, sent };
}

function peerOver(client: PeerClient, perform?: PeerOptions["perform"]) {
  const clock = new ManualClock();
  const requests: Omit<PeerRequest, "deadline" | "onLog">[] = [];
  const peer = new Peer({
    server: "notes",
    clock,
    perform: (work, request) => {
      const { deadline: _deadline, onLog: _onLog, ...what } = request;
      requests.push(what);
      return perform === undefined ? work(client) : perform(work, request);
    },
  });
  return { peer, clock, requests };
}

const unknownMethod = () => Promise.reject(Object.assign(new Error("Method not found"), { code: -32_601 }));
const never = () => new Promise<never>(() => {});

describe("a list of tools", () => {
  test("contains the tools of every page", async () => {
    const { client, sent } = connection(({ params }) =>
      params.cursor === undefined ? { tools: [{ name: "a" }], nextCursor: "2" } : { tools: [{ name: "b" }, { nameless: true }] },
    );
    const { peer, requests } = peerOver(client);
    expect((await peer.listTools(options)).map(({ name }) => name)).toEqual(["a", "b"]);
    expect(sent).toEqual([
      { method: "tools/list", params: {} },
      { method: "tools/list", params: { cursor: "2" } },
    ]);
    expect(requests).toEqual([{ kind: "list" }]);
  });

  test("is empty if the server does not know the method", async () => {
    expect(await peerOver(connection(unknownMethod).client).peer.listTools(options)).toEqual([]);
  });

  test("fails with the error of the connection", async () => {
    const lost = new UpstreamError("server_unavailable", "notes is gone.", { delivery: "sent" });
    const { peer } = peerOver(connection(never).client, () => Promise.reject(lost));
    expect(await failureOf(peer.listTools(options))).toBe(lost);
  });
});

describe("a call", () => {
  test("sends the tool and its arguments and returns the result, even with unusual content", async () => {
    const odd = { content: [{ type: "of their own", data: 1 }], more: true };
    const { client, sent } = connection(() => odd);
    const { peer, requests } = peerOver(client);
    expect(await peer.callTool(greet, options)).toEqual(odd);
    expect(sent).toEqual([{ method: "tools/call", params: { name: "greet", arguments: { name: "Ada" } } }]);
    expect(requests).toEqual([{ kind: "call", tool: "greet" }]);
  });

  test("names the log level it wants in protocol 2026-07-28", async () => {
    const { client, sent } = connection(() => greeting, { era: "modern" });
    await peerOver(client).peer.callTool(greet, options);
    expect(sent[0]?.params._meta).toEqual({ "io.modelcontextprotocol/logLevel": "info" });
  });

  test.each([7, null])("fails with delivery answered if the answer is not a tool result: %j", async (answer) => {
    const { peer } = peerOver(connection(() => answer).client);
    expect(await failureOf(peer.callTool(greet, options))).toMatchObject({
      code: "tool_error",
      delivery: "answered",
      message: "notes.greet returned something that is not a tool result.",
    });
  });

  test("fails if its server does not know the method", async () => {
    await expect(peerOver(connection(unknownMethod).client).peer.callTool(greet, options)).rejects.toThrow("Method not found");
  });

  test("can be made again over another connection", async () => {
    const first = connection(() => Promise.reject(new Error("unknown session")));
    const second = connection(() => greeting, { era: "modern" });
    const { peer } = peerOver(first.client, (work) => work(first.client).catch(() => work(second.client)));
    expect(await peer.callTool(greet, options)).toEqual(greeting);
    expect([first.sent.length, second.sent.length]).toEqual([1, 1]);
    // Each connection has its own protocol generation.
    expect([first.sent[0]?.params._meta, second.sent[0]?.params._meta]).toEqual([undefined, expect.anything()]);
  });

  test("ends when its time is up, which progress notifications restart within the total time", async () => {
    let tell = (): void => {};
    const { client } = connection((_message, { signal, onprogress }) => {
      tell = () => onprogress?.({ progress: 1 });
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    const { peer, clock } = peerOver(client);
    const told: number[] = [];
    const onProgress = ({ progress }: { progress: number }) => told.push(progress);
    const ended = peer.callTool(greet, { ...options, totalMs: 1_500, onProgress }).catch((reason: unknown) => reason);
    clock.advance(900);
    tell();
    clock.advance(599);
    expect([told, clock.pending]).toEqual([[1], 2]);
    clock.advance(1);
    expect(await ended).toBe("late");
    expect(clock.pending).toBe(0);
  });
});

describe("a message that a server sends unasked", () => {
  const line = { level: "info", message: "working" } as const;

  test("reaches the calls in flight if it is a log message, and no list request or ended call", async () => {
    const answers = new Map<string, () => void>();
    const { client } = connection(
      ({ method, params }) => new Promise((resolve) => answers.set(String(params.name ?? method), () => resolve(greeting))),
    );
    const { peer } = peerOver(client);
    const heard: string[] = [];
    const listen = (name: string) => ({ ...options, onLog: () => heard.push(name) });
    const first = peer.callTool({ tool: "first", args: {} }, listen("first"));
    const second = peer.callTool({ tool: "second", args: {} }, listen("second"));
    const list = peer.listTools(listen("list"));
    peer.onLog(line);
    answers.get("first")?.();
    await first;
    peer.onLog(line);
    expect(heard).toEqual(["first", "second", "second"]);
    for (const answer of answers.values()) answer();
    await Promise.all([second, list]);
    peer.onLog(line);
    expect(heard).toHaveLength(3);
  });

  test("reaches the call in flight if it is an elicitation request, and is not shown without such a call", async () => {
    const asked = { message: "Which one?", requestedSchema: { type: "object", properties: {} } };
    const ended = Promise.withResolvers<object>();
    const { peer } = peerOver(connection(() => ended.promise).client);
    const { signal } = new AbortController();
    expect(await peer.onElicit(asked, signal)).toEqual({ action: "cancel" });
    const questions: Elicitation[] = [];
    const call = peer.callTool(greet, {
      ...options,
      async onElicit(question) {
        questions.push(question);
        return { action: "decline" };
      },
    });
    expect(await peer.onElicit(asked, signal)).toEqual({ action: "decline" });
    expect(questions).toMatchObject([{ mode: "form", message: "Which one?" }]);
    ended.resolve(greeting);
    await call;
  });
});

describe("resources and prompts", () => {
  test("are requested by their MCP method", async () => {
    const { client, sent } = connection(() => ({ contents: [{ uri: "a:1", text: "one" }] }));
    const { peer, requests } = peerOver(client);
    expect(await peer.ask({ method: "resources/read", uri: "a:1" }, options)).toEqual([{ uri: "a:1", text: "one" }]);
    expect(sent).toEqual([{ method: "resources/read", params: { uri: "a:1" } }]);
    expect(requests).toEqual([{ kind: "ask", tool: "$resources.read" }]);
  });

  test("are read from one item for a list, and from texts for blocks", async () => {
    const one = connection(() => ({ contents: { uri: "a:1", text: "one" } }));
    expect(await peerOver(one.client).peer.ask({ method: "resources/read", uri: "a:1" }, options)).toMatchObject([
      { text: "one" },
    ]);
    const prompt = connection(() => ({ messages: [{ role: "user", content: "hello" }] }), { capabilities: { prompts: {} } });
    expect(await peerOver(prompt.client).peer.ask({ method: "prompts/get", name: "p" }, options)).toMatchObject({
      messages: [{ content: { type: "text", text: "hello" } }],
    });
  });

  test("that the server did not declare are refused without a request", async () => {
    const { client, sent } = connection(never);
    const failure = await failureOf(peerOver(client).peer.ask({ method: "prompts/list" }, options));
    expect(failure).toMatchObject({ code: "tool_unknown", delivery: "answered" });
    expect(sent).toEqual([]);
  });

  test("have an empty list if the server does not know the method, and any other request is refused", async () => {
    const { peer } = peerOver(connection(unknownMethod).client);
    expect(await peer.ask({ method: "resources/templates/list" }, options)).toEqual([]);
    expect(await failureOf(peer.ask({ method: "resources/read", uri: "a:1" }, options))).toMatchObject({ code: "tool_unknown" });
  });
});

describe("an answer that nests deep", { tags: ["limits.depth"] }, () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));

  test.each([
    ["structured content", (value: unknown) => ({ content: [], structuredContent: { value } })],
    ["content", (value: unknown) => ({ content: [{ type: "odd", value }] })],
    ["an error", (value: unknown) => ({ content: [], structuredContent: { value }, isError: true })],
    ["a member that nobody reads", (value: unknown) => ({ ...greeting, _meta: { value } })],
  ])("fails its call, which the server has answered: %s", async (_what, resultOf) => {
    const answers = [nested(200_000), nested(limits.answerDepthMax), nested(limits.answerDepthMax - 5)];
    const { client } = connection(() => resultOf(answers.shift()));
    const { peer } = peerOver(client);
    for (let call = 0; call < 2; call++) {
      const failure = await failureOf(peer.callTool(greet, options));
      expect(failure).toMatchObject({ code: "tool_error", delivery: "answered" });
      expect(failure.message).toBe(`notes.greet returned a result that nests deeper than ${limits.answerDepthMax} levels.`);
    }
    expect(await peer.callTool(greet, options)).toMatchObject({ content: expect.any(Array) });
  });

  test("fails a request for resources or prompts", async () => {
    const { client } = connection(() => ({ contents: [{ uri: "a:b", deep: nested(200_000) }] }));
    const { peer } = peerOver(client);
    const failure = await failureOf(peer.ask({ method: "resources/read", uri: "a:b" }, options));
    expect(failure).toMatchObject({ code: "tool_error", delivery: "answered" });
  });

  test("asks nobody when it is an elicitation", async () => {
    const requestedSchema = { type: "object", properties: { a: { type: "string", deep: nested(200_000) } } };
    expect(Elicitation.safeParse({ message: "?", requestedSchema }).success).toBe(false);
    const { client } = connection(() => ({
      resultType: "input_required",
      inputRequests: { q: { method: "elicitation/create", params: { message: "?", requestedSchema } } },
    }));
    const { peer } = peerOver(client);
    expect(await failureOf(peer.callTool(greet, options))).toMatchObject({ code: "tool_error" });
  });

  test("is no console line when it is a log message", () => {
    expect(readServerLog({ level: "info", data: { deep: nested(200_000) } })).toEqual({
      level: "info",
      message: "(data that nests too deep to be shown)",
    });
  });
});
