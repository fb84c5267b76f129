import { evictDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { limits } from "../../core/limits.ts";
import { endedMcpSessions } from "../../worker/said-here.ts";

/* Clients of MCP 2025-11-25, as they speak on the wire. */

const endless = { name: "execute_mcp_code", arguments: { code: "await new Promise(() => {})", maxRuntimeMs: 20_000 } };

async function send(
  session: string,
  message: object | undefined,
  { id, method = "POST" }: { id?: string; method?: string } = {},
) {
  const body = message === undefined ? undefined : JSON.stringify({ jsonrpc: "2.0", ...message });
  const headers = new Headers({
    Host: "127.0.0.1",
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    "MCP-Protocol-Version": "2025-11-25",
    ...(body !== undefined && { "Content-Length": String(body.length) }),
    ...(id !== undefined && { "Mcp-Session-Id": id }),
  });
  return await exports.default.fetch(
    new Request(`http://127.0.0.1/s/${session}/mcp`, { method, headers, ...(body && { body }) }),
  );
}

async function initialize(session: string): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const response = await send(session, { id: 0, method: "initialize", params });
  await response.body?.cancel();
  return response.headers.get("Mcp-Session-Id") ?? "";
}

/** In the answer's text, which is JSON within JSON. */
const cancelledCode = JSON.stringify('"code":"cancelled"').slice(1, -1);
const cancel = (requestId: unknown) => ({ method: "notifications/cancelled", params: { requestId } });

describe("an MCP session of 2025-11-25", () => {
  test("gets an id at initialize, another each time, and no other response has one", {
    tags: ["cancel.notification"],
  }, async () => {
    const session = crypto.randomUUID();
    const ids = [await initialize(session), await initialize(session)];
    expect(ids).toEqual([expect.stringMatching(/^[\x21-\x7e]+$/), expect.stringMatching(/^[\x21-\x7e]+$/)]);
    expect(ids[0]).not.toBe(ids[1]);
    const listed = await send(session, { id: 1, method: "tools/list" }, { id: ids[0] ?? "" });
    expect(await listed.text()).toContain("execute_mcp_code");
    expect(listed.headers.has("Mcp-Session-Id")).toBe(false);
  });

  test.each([7, "seven"])(
    "cancels its run by the id of the request: %j",
    { tags: ["cancel.notification"] },
    async (requestId) => {
      const session = crypto.randomUUID();
      const id = await initialize(session);
      const running = send(session, { id: requestId, method: "tools/call", params: endless }, { id }).then((response) =>
        response.text(),
      );
      expect((await send(session, cancel(requestId), { id })).status).toBe(202);
      expect(await running).toContain(cancelledCode);
    },
  );

  test("does not cancel the run of another MCP session with the same request id, nor one of another type", {
    tags: ["cancel.notification"],
  }, async () => {
    const session = crypto.randomUUID();
    const [mine, theirs] = [await initialize(session), await initialize(session)];
    const short = {
      name: "execute_mcp_code",
      arguments: { code: "await new Promise((done) => setTimeout(done, 400)); return 'kept'" },
    };
    const running = send(session, { id: 7, method: "tools/call", params: short }, { id: mine }).then((response) =>
      response.text(),
    );
    await send(session, cancel(7), { id: theirs });
    await send(session, cancel("7"), { id: mine });
    await send(session, cancel(8), { id: mine });
    await send(session, cancel(null), { id: mine });
    expect(await running).toContain("kept");
  });

  test("may send a cancellation that overtakes its request", { tags: ["cancel.notification"] }, async () => {
    const session = crypto.randomUUID();
    const id = await initialize(session);
    await send(session, cancel(3), { id });
    expect(await (await send(session, { id: 3, method: "tools/call", params: endless }, { id })).text()).toContain(cancelledCode);
  });

  test("that is not known is served all the same, and so is a request without one", async () => {
    const session = crypto.randomUUID();
    for (const id of ["from-before-the-restart", "with a space", "x".repeat(5_000)]) {
      expect(await (await send(session, { id: 1, method: "tools/list" }, { id })).text()).toContain("execute_mcp_code");
    }
    expect(await (await send(session, { id: 1, method: "ping" })).text()).toContain("result");
  });

  test("is ended by DELETE with its runs, and is 404 from then on, even after the object's eviction", {
    tags: ["cancel.notification"],
  }, async () => {
    const session = crypto.randomUUID();
    const [id, other] = [await initialize(session), await initialize(session)];
    const running = send(session, { id: 1, method: "tools/call", params: endless }, { id }).then((response) => response.text());
    expect((await send(session, undefined, { id, method: "DELETE" })).status).toBe(204);
    expect(await running).toContain(cancelledCode);
    await evictDurableObject(env.SESSIONS.getByName(`owner/${session}`));
    expect((await send(session, { id: 3, method: "tools/list" }, { id })).status).toBe(404);
    expect((await send(session, undefined, { id, method: "DELETE" })).status).toBe(404);
    expect((await send(session, { id: 3, method: "tools/list" }, { id: other })).status).toBe(200);
  });

  test("that has ended is known without a question where all sessions live in one process, until its session is deleted", async () => {
    const name = `owner/${crypto.randomUUID()}`;
    const stub = env.SESSIONS.getByName(name);
    const known = (isLocal: boolean) => endedMcpSessions.by(name, { isLocal });
    expect(known(true)).toBeUndefined();
    await stub.hasMcpSessionEnded("one");
    expect(known(true)).toEqual([]);
    await stub.endMcpSession("one");
    await stub.endMcpSession("two");
    await evictDurableObject(stub);
    expect(known(true)).toEqual(["one", "two"]);
    expect(known(false)).toBeUndefined();
    await stub.delete({ what: "session_deleted" });
    expect(known(true)).toEqual([]);
  });

  test("is forgotten when very many have ended since", async () => {
    const stub = env.SESSIONS.getByName(`owner/${crypto.randomUUID()}`);
    for (let n = 0; n <= limits.endedMcpSessionsMax; n++) await stub.endMcpSession(`session-${n}`);
    expect(await stub.hasMcpSessionEnded("session-0")).toBe(false);
    expect(await stub.hasMcpSessionEnded("session-1")).toBe(true);
  });
});
