import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { BridgeFrame } from "../../core/tunnel/frames.ts";
import { serverEntry } from "../support/builders.ts";
import { callGreet, dial, greet, serveGreet } from "./dial.ts";
import { run } from "./run.ts";

function advertisedServer(id: string, mark: string) {
  const { mcp: _mcp, ...entry } = serverEntry(id);
  return { ...entry, mcp: { transport: "stdio" as const, mark } };
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

  test("gives programs clients in every form of import, which can be enumerated but not changed", {
    tags: ["clients.forms"],
  }, async () => {
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
        keys: ["greet", "$call", "$raw", "$tools", "$resources", "$prompts"],
        tools: ["greet"],
        called: "Hello Bob",
        raw: "text",
        changed: false,
        awaited: true,
      },
    });
  });

  test("stays open when the session object is evicted", { tags: ["session.bridge-hibernates"] }, async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet);
    await run({ code: callGreet }, { session });
    await evictDurableObject(env.SESSIONS.getByName(`owner/${session}`));
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
  });

  test("advertises its registry, which takes effect at once and again when it changes", {
    tags: ["bridge.registry-changes"],
  }, async () => {
    const session = crypto.randomUUID();
    const { socket } = await dial(session, serveGreet);
    const registryFrame = (id: string, mark: string): BridgeFrame => ({
      type: "registry",
      servers: [{ id, state: "stopped" }],
      registry: { isWhole: false, problems: [], servers: [advertisedServer(id, mark)] },
    });
    const callOf = (id: string) => `return await ${id}.greet({ name: "Ada" });`;
    socket.send(JSON.stringify(registryFrame("extra", "1")));
    expect(await run({ code: callOf("extra") }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
    expect(await run({ code: callOf("time"), allowedMcpIds: ["time"] }, { session })).toMatchObject({
      ok: false,
      errors: [{ code: "server_unknown" }],
    });

    socket.send(JSON.stringify(registryFrame("other", "2")));
    expect(await run({ code: callOf("other") }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
    await evictDurableObject(env.SESSIONS.getByName(`owner/${session}`));
    expect(await run({ code: callOf("other") }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
  });

  test("may declare a thousand servers", async () => {
    const session = crypto.randomUUID();
    const { socket } = await dial(session, serveGreet);
    const ids = Array.from({ length: 1_000 }, (_, index) => `a-server-with-a-longer-name-${index}`);
    const frame: BridgeFrame = {
      type: "registry",
      servers: ids.map((id) => ({ id, state: "stopped" })),
      registry: { isWhole: false, problems: [], servers: ids.map((id) => advertisedServer(id, "1")) },
    };
    socket.send(JSON.stringify(frame));
    const id = "a-server-with-a-longer-name-999";
    const code = `import * as server from "mcp-clients/${id}"; return await server.greet({ name: "Ada" });`;
    expect(await run({ code, allowedMcpIds: [id] }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
  });

  test("that reports more failed servers than fit into its attachment stays open", async () => {
    const session = crypto.randomUUID();
    const { socket } = await dial(session, serveGreet);
    for (const id of ["time", "grep", "one", "two", "three"]) {
      const status: BridgeFrame = { type: "server_status", server: { id, state: "failed", reason: "last words ".repeat(1_000) } };
      socket.send(JSON.stringify(status));
    }
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
  });

  test("reports changed tools, which are listed again before they are used", { tags: ["catalog.changes"] }, async () => {
    const session = crypto.randomUUID();
    let name = "greet";
    const bridge = await dial(session, (request) =>
      request.type === "list_tools" ? { type: "result", id: request.id, value: [{ ...greet, name }] } : serveGreet(request),
    );
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
    name = "welcome";
    const status: BridgeFrame = { type: "server_status", server: { id: "time", state: "running", toolsChanges: 1 } };
    bridge.socket.send(JSON.stringify(status));
    const renamed = `import { time } from "mcp-clients"; return await time.welcome({ name: "Ada" });`;
    expect(await run({ code: renamed }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
    expect(bridge.requests.filter(({ type }) => type === "list_tools")).toHaveLength(2);
  });

  test("gets no request from a program that does not compile", { tags: ["typecheck.blocks"] }, async () => {
    const session = crypto.randomUUID();
    const { requests } = await dial(session, serveGreet);
    const code = `import { time } from "mcp-clients";\nawait time.greet({ name: "Ada" });\nreturn await time.greet({ nmae: "Bob" });`;
    expect(await run({ code }, { session })).toMatchObject({
      ok: false,
      errors: [{ code: "type_error", phase: "typecheck", file: "main.ts", line: 3, column: 27, suggestions: ["name"] }],
    });
    expect(requests.map((request) => request.type)).toEqual(["list_tools"]);
  });

  test("gets requests only for the servers it declares, and never a command", {
    tags: ["bridge.own-registry"],
  }, async () => {
    const session = crypto.randomUUID();
    const { requests } = await dial(session, serveGreet);
    const other = await run({ code: `import { grep } from "mcp-clients"; return await grep.search({});` }, { session });
    expect(other).toMatchObject({ ok: false, errors: [{ code: "server_unavailable", phase: "load", server: "grep" }] });
    await run({ code: callGreet }, { session });
    expect(new Set(requests.map((request) => ("server" in request ? request.server : undefined)))).toEqual(new Set(["time"]));
    expect(JSON.stringify(requests)).not.toContain("time-mcp");
  });

  test("that closes during a call leaves its outcome unknown, never retried", { tags: ["ledger.outcomes"] }, async () => {
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
});
