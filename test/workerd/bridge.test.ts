import { evictDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { type BridgeFrame, closeCodes, heartbeat, tunnelVersion, type WorkerFrame } from "../../core/tunnel.ts";
import { run } from "./run.ts";

const greet = { name: "greet", inputSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } };
const callGreet = `import { time } from "mcp-clients"; return await time.greet({ name: "Ada" });`;

/** The bridge's end of a real socket into the object, answering as told. */
async function dial(session: string, answer: (request: WorkerFrame) => BridgeFrame | undefined) {
  const response = await exports.default.fetch(`http://127.0.0.1/s/${session}/bridge`, {
    headers: { Upgrade: "websocket", Authorization: "Bearer test-bridge-token" },
  });
  const socket = response.webSocket;
  if (!socket) throw new Error(`no socket: ${response.status}`);
  const requests: WorkerFrame[] = [];
  socket.addEventListener("message", (event) => {
    if (event.data === heartbeat.pong) return;
    const request: WorkerFrame = JSON.parse(String(event.data));
    requests.push(request);
    const reply = answer(request);
    if (reply) socket.send(JSON.stringify(reply));
  });
  socket.accept();
  const hello: BridgeFrame = {
    type: "hello",
    version: tunnelVersion,
    bridge: "test",
    servers: [{ id: "time", state: "stopped" }],
  };
  socket.send(JSON.stringify(hello));
  return { socket, requests };
}

function serveGreet(request: WorkerFrame): BridgeFrame | undefined {
  if (request.type === "list_tools") return { type: "result", id: request.id, value: [greet, { malformed: true }] };
  if (request.type === "cancel") return undefined;
  return { type: "result", id: request.id, value: { content: [{ type: "text", text: `Hello ${String(request.args.name)}` }] } };
}

describe("a bridge's socket", () => {
  test("serves the tools of the servers it declares", async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet);
    expect(await run({ code: callGreet }, { session })).toMatchObject({
      ok: true,
      result: "Hello Ada",
      calls: [{ server: "time", tool: "greet", outcome: "succeeded" }],
    });
  });

  test("gives programs a client in every form of import, which they can list and cannot change", async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet);
    const code = `import { time } from "mcp-clients";
      import * as all from "mcp-clients/time";
      import fallback, { greet } from "mcp-clients/time";
      import one from "mcp-clients/time/greet";
      const said = await Promise.all([time, all, fallback, { greet }, { greet: one }].map((client) => client.greet({ name: "Ada" })));
      let changed = false;
      try { (time as any).greet = () => "mine"; changed = true; } catch {}
      return {
        said: new Set(said).size,
        keys: Object.keys(all),
        tools: time.$tools,
        called: await time.$call("greet", { name: "Bob" }),
        raw: (await time.$raw("greet", { name: "Bob" })).content[0].type,
        changed,
        awaited: (await time) === time,
      };`;
    expect(await run({ code }, { session })).toMatchObject({
      ok: true,
      result: {
        said: 1,
        keys: ["greet", "$call", "$raw", "$tools"],
        tools: ["greet"],
        called: "Hello Bob",
        raw: "text",
        changed: false,
        awaited: true,
      },
    });
  });

  test("outlives the object's eviction", async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet);
    await run({ code: callGreet }, { session });
    await evictDurableObject(env.SESSIONS.getByName(`owner/${session}`));
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
  });

  test("hears nothing of a program that the compiler refuses", async () => {
    const session = crypto.randomUUID();
    const { requests } = await dial(session, serveGreet);
    const code = `import { time } from "mcp-clients";\nawait time.greet({ name: "Ada" });\nreturn await time.greet({ nmae: "Bob" });`;
    expect(await run({ code }, { session })).toMatchObject({
      ok: false,
      errors: [{ code: "type_error", phase: "typecheck", file: "main.ts", line: 3, column: 27, suggestions: ["name"] }],
    });
    expect(requests.map((request) => request.type)).toEqual(["list_tools"]);
  });

  test("is asked for servers it declares and for no others, and is never sent a command", async () => {
    const session = crypto.randomUUID();
    const { requests } = await dial(session, serveGreet);
    const other = await run({ code: `import { grep } from "mcp-clients"; return await grep.search({});` }, { session });
    expect(other).toMatchObject({ ok: false, errors: [{ code: "server_unavailable", phase: "load", server: "grep" }] });
    await run({ code: callGreet }, { session });
    expect(new Set(requests.map((request) => ("server" in request ? request.server : undefined)))).toEqual(new Set(["time"]));
    expect(JSON.stringify(requests)).not.toContain("time-mcp");
  });

  test("that closes during a call leaves its outcome unknown, never retried", async () => {
    const session = crypto.randomUUID();
    const bridge = await dial(session, (request) => {
      if (request.type === "call_tool") bridge.socket.close(1000, "gone");
      return request.type === "list_tools" ? serveGreet(request) : undefined;
    });
    const outcome = await run({ code: callGreet }, { session });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "bridge_offline", server: "time", tool: "greet", file: "main.ts", line: 1 }],
      calls: [{ outcome: "unknown", retrySafe: false }],
    });
    expect(bridge.requests.filter((request) => request.type === "call_tool")).toHaveLength(1);
  });

  test("is closed when another version or no frame at all is spoken on it", async () => {
    for (const [text, code] of [
      [JSON.stringify({ type: "hello", version: 99, bridge: "old", servers: [] }), closeCodes.versionMismatch],
      ["not a frame", closeCodes.badFrame],
    ] as const) {
      const { socket } = await dial(crypto.randomUUID(), serveGreet);
      const closed = new Promise<number>((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
      socket.send(text);
      expect(await closed).toBe(code);
    }
  });

  test("gives way to a newer bridge of the same session", async () => {
    const session = crypto.randomUUID();
    const first = await dial(session, serveGreet);
    const closed = new Promise<number>((resolve) => first.socket.addEventListener("close", (event) => resolve(event.code)));
    await dial(session, serveGreet);
    expect(await closed).toBe(closeCodes.replaced);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
  });
});
