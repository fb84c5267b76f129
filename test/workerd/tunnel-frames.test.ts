import { evictDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { limits } from "../../core/limits.ts";
import { messagesOf, together } from "../../core/tunnel/encoding.ts";
import { closeCodes, tunnelVersion } from "../../core/tunnel/frames.ts";
import { tunnelLimits } from "../../core/tunnel/tunnel-limits.ts";
import { callGreet, dial, openSocket, type Request, serveGreet, textResult } from "./dial.ts";
import { run } from "./run.ts";

const objectOf = (session: string) => env.SESSIONS.getByName(`owner/${session}`);
const part = (index: number, text: string, isLast = false) => JSON.stringify({ type: "part", index, isLast, text });
const manyNames = () => Object.fromEntries(Array.from({ length: limits.answerNamesMax + 20_000 }, (_, at) => [`name${at}`, 1]));
const isCall = (request: Request): request is Extract<Request, { type: "call_tool" }> => request.type === "call_tool";

const helloText = JSON.stringify({ type: "hello", version: tunnelVersion, key: "k", instance: "i", bridge: "b", servers: [] });
const progressText = JSON.stringify({ type: "progress", id: "1", progress: 1 });

describe("frames together in one message", () => {
  test("are answers to calls at once, each with its own, and what came before them", { tags: ["upstream.news"] }, async () => {
    const session = crypto.randomUUID();
    const calls: Extract<Request, { type: "call_tool" }>[] = [];
    const bridge = await dial(session, (request) => {
      if (!isCall(request)) return serveGreet(request);
      calls.push(request);
      if (calls.length < 2) return undefined;
      const log = { type: "log", server: "time", level: "info", message: "both are asked for" };
      const answers = calls.toReversed().map(({ id, args }) => textResult(id, `Hello ${String(args.name)}`));
      bridge.socket.send(together([log, ...answers].map((frame) => JSON.stringify(frame))));
      return undefined;
    });
    const code = `return await Promise.all([time.greet({ name: "Ada" }), time.greet({ name: "Bob" })]);`;
    expect(await run({ code }, { session })).toMatchObject({
      ok: true,
      result: ["Hello Ada", "Hello Bob"],
      logs: [{ message: "both are asked for" }],
    });
  });
});

describe("a frame in parts", () => {
  test("carries a result of 5 MB, and other answers arrive between its parts", { tags: ["tunnel.large"] }, async () => {
    const session = crypto.randomUUID();
    const large = `${'é😀"\\'.repeat(500_000)}!`;
    const order: string[] = [];
    const bridge = await dial(session, (request) => {
      if (!isCall(request)) return serveGreet(request);
      order.push(String(request.args.name));
      if (order.length < 2) return undefined;
      const [first, second] = bridge.requests.filter(isCall);
      const [head, ...rest] = messagesOf(JSON.stringify(textResult(first?.id ?? "", large)));
      bridge.socket.send(head ?? "");
      bridge.send(textResult(second?.id ?? "", "small"));
      for (const message of rest) bridge.socket.send(message);
      return undefined;
    });
    const code = `import { time } from "mcp-clients";
      const done = [];
      const calls = ["large", "small"].map(async (name) => { const said = await time.greet({ name }); done.push(name); return said; });
      const [large] = await Promise.all(calls);
      return { done, length: large.length, end: large.slice(-5) };`;
    expect(await run({ code }, { session })).toMatchObject({
      ok: true,
      result: { done: ["small", "large"], length: large.length, end: large.slice(-5) },
    });
  });

  test("carries large arguments to the bridge in messages of at most the maximum size", {
    tags: ["tunnel.large"],
  }, async () => {
    const session = crypto.randomUUID();
    const bridge = await dial(session, serveGreet);
    let largest = 0;
    bridge.socket.addEventListener("message", ({ data }) => {
      largest = Math.max(largest, new TextEncoder().encode(String(data)).length);
    });
    const code = `import { time } from "mcp-clients"; return (await time.greet({ name: "\\u20ac".repeat(3_000_000) })).length;`;
    expect(await run({ code }, { session })).toMatchObject({ ok: true, result: 3_000_006 });
    expect(largest).toBeLessThanOrEqual(limits.messageBytesMax);
  });

  test("may be a hello frame with five thousand servers", async () => {
    const session = crypto.randomUUID();
    const servers = Array.from({ length: 5_000 }, (_, index) => ({
      id: `${index}-${"x".repeat(50)}`,
      state: "stopped" as const,
    }));
    await dial(session, serveGreet, { servers: [...servers, { id: "time", state: "stopped" }] });
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
  });

  test("that is interrupted by the session's eviction ends the socket, so that the bridge connects again", {
    tags: ["tunnel.strangers"],
  }, async () => {
    const session = crypto.randomUUID();
    const bridge = await dial(session, serveGreet);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
    bridge.socket.send(part(0, `{"type":"result",`));
    await evictDurableObject(objectOf(session));
    bridge.socket.send(part(1, `"id":"1"}`, true));
    expect(await bridge.closed).toBe(closeCodes.interrupted);
    await dial(session, serveGreet);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
  });

  test("that is started again replaces the incomplete one", async () => {
    const session = crypto.randomUUID();
    const bridge = await dial(session, serveGreet);
    bridge.socket.send(part(0, `{"type":"result",`));
    bridge.send({ type: "server_status", server: { id: "time", state: "running" } });
    bridge.socket.send(part(0, `{"type":"server_status","server":{"id":"time","state":"failed",`));
    bridge.socket.send(part(1, `"reason":"gave up"}}`, true));
    await vi.waitUntil(async () => JSON.stringify(await objectOf(session).listCapabilities({})).includes("gave up"), {
      timeout: 20_000,
    });
  });

  test.each([
    ["parts out of order", [part(0, "{"), part(2, "}", true)]],
    ["parts that do not form a frame", [part(0, "{"), part(1, "]", true)]],
    ["parts that form another part", [part(0, part(0, "{}", true), true)]],
    [
      "parts of more than the size of a frame",
      Array.from({ length: 65 }, (_, index) => part(index, "x".repeat(limits.partCharsMax))),
    ],
    [
      "a frame of more lists than are read",
      [...messagesOf(`{"type":"result","id":"1","value":[${"[],".repeat(limits.answerPartsMax)}1]}`)],
    ],
    [
      "a frame of more different names than are read",
      [...messagesOf(JSON.stringify({ type: "result", id: "1", value: manyNames() }))],
    ],
    ["a message of more than the maximum size", [part(0, "x".repeat(limits.messageBytesMax), true)]],
    ["a hello beside other frames", [together([helloText])]],
    ["one malformed frame of several", [together([progressText, `{"type":"result","id":7}`])]],
    ["frames together within others", [together([together([progressText])])]],
    ["a part beside other frames", [together([part(0, "{}", true)])]],
    ["more frames together than are read", [together(Array(tunnelLimits.framesTogetherMax + 1).fill(progressText))]],
    ["a malformed frame", [JSON.stringify({ type: "result", id: 7, value: null })]],
    ["not JSON", ["not a frame"]],
    ["a frame of an unknown type", [JSON.stringify({ type: "run", command: "rm" })]],
    ["a second hello", [helloText]],
  ])("closes the socket if the bridge sends %s", { tags: ["tunnel.strangers"] }, async (_what, messages) => {
    const { socket, closed } = await dial(crypto.randomUUID(), serveGreet);
    for (const message of messages) socket.send(message);
    expect(await closed).toBe(closeCodes.badFrame);
  });

  test("that is binary closes the socket", { tags: ["tunnel.strangers"] }, async () => {
    const { socket, closed } = await dial(crypto.randomUUID(), serveGreet);
    socket.send(new Uint8Array([1, 2, 3]));
    expect(await closed).toBe(closeCodes.badFrame);
  });
});

describe("a socket", () => {
  test("of a bridge of another version is closed with that reason, even if its hello is malformed", {
    tags: ["tunnel.strangers"],
  }, async () => {
    const socket = await openSocket(crypto.randomUUID());
    const closed = new Promise<number>((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
    socket.accept();
    socket.send(JSON.stringify({ type: "hello", version: 1, bridge: "old", servers: [] }));
    expect(await closed).toBe(closeCodes.versionMismatch);
  });

  test("is not opened with a wrong token", { tags: ["tunnel.strangers"] }, async () => {
    const response = await exports.default.fetch("http://127.0.0.1/bridge", {
      headers: { Upgrade: "websocket", Authorization: "Bearer wrong" },
    });
    expect(response.status).toBe(401);
    expect(response.webSocket).toBeNull();
  });

  test("that has sent no hello frame serves nothing and changes nothing", { tags: ["tunnel.strangers"] }, async () => {
    const session = crypto.randomUUID();
    const socket = await openSocket(session);
    socket.accept();
    socket.send(JSON.stringify({ type: "server_status", server: { id: "time", state: "running" } }));
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: false, errors: [{ code: "bridge_offline" }] });
  });

  test("cannot answer a request that was sent to another one", { tags: ["tunnel.once"] }, async () => {
    const session = crypto.randomUUID();
    const other = await dial(session, serveGreet, { key: "other", instance: "o", servers: [{ id: "other", state: "stopped" }] });
    const bridge = await dial(session, (request) => {
      if (!isCall(request)) return serveGreet(request);
      other.send(textResult(request.id, "forged"));
      return undefined;
    });
    const answer = run({ code: callGreet }, { session });
    await vi.waitUntil(() => bridge.requests.some(isCall), { timeout: 20_000 });
    other.socket.close(1000, "all was said");
    await other.closed;
    bridge.send(textResult(bridge.requests.find(isCall)?.id ?? "", "true"));
    expect(await answer).toMatchObject({ ok: true, result: "true" });
  });
});

describe("calls in flight when the session object is evicted", () => {
  test("fail and are not sent again, and the next call works", { tags: ["tunnel.once"] }, async () => {
    const session = crypto.randomUUID();
    let isSilent = true;
    const bridge = await dial(session, (request) => (isCall(request) && isSilent ? undefined : serveGreet(request)));
    const answer = run({ code: callGreet }, { session }).catch((error: unknown) => ({ lost: String(error) }));
    await vi.waitUntil(() => bridge.requests.some(isCall), { timeout: 20_000 });
    const evicted = evictDurableObject(objectOf(session));
    isSilent = false;
    bridge.send(textResult(bridge.requests.find(isCall)?.id ?? "", "late"));
    await Promise.all([evicted, answer]);
    expect(bridge.requests.filter(isCall)).toHaveLength(1);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
    expect(bridge.socket.readyState).toBe(WebSocket.OPEN);
  });
});
