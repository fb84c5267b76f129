import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { limits } from "../../core/limits.ts";
import { builtInIds } from "../../core/registry/registry.ts";
import { closeCodes } from "../../core/tunnel/frames.ts";
import { bridgeLimits } from "../../worker/upstream/bridges/bridge-limits.ts";
import { serverEntry } from "../support/builders.ts";
import { callGreet, dial, filed, greetAs, openSocket, serveGreet, stdioServers } from "./dial.ts";
import { recordsWhere } from "./records.ts";
import { run } from "./run.ts";

const laptop = { key: "l", instance: "laptop-1", bridge: "laptop" };
const desk = { key: "d", instance: "desk-1", bridge: "desk" };
const objectOf = (session: string) => env.SESSIONS.getByName(`owner/${session}`);
/** Without the servers of the orchestrator's own. */
const list = async (session: string) => {
  const listing = await objectOf(session).listCapabilities({});
  if (!("servers" in listing)) return listing;
  return { ...listing, servers: listing.servers.filter(({ id }) => !builtInIds.some((builtIn) => builtIn === id)) };
};
const idsIn = async (session: string) => {
  const listing = await list(session);
  return "servers" in listing ? listing.servers.map(({ id }) => id) : [];
};
const callOf = (id: string) => `return await ${id}.greet({ name: "Ada" });`;

afterEach(() => {
  vi.useRealTimers();
});

describe("the bridges of one session", () => {
  test("each serve their own servers, in one program", { tags: ["tunnel.several-bridges"] }, async () => {
    const session = crypto.randomUUID();
    await dial(session, greetAs("From laptop,"), { ...laptop, ...stdioServers("files") });
    await dial(session, greetAs("From desk,"), { ...desk, ...stdioServers("printer") });
    const code = `return [await files.greet({ name: "Ada" }), await printer.greet({ name: "Bob" })];`;
    expect(await run({ code }, { session })).toMatchObject({ ok: true, result: ["From laptop, Ada", "From desk, Bob"] });
    await evictDurableObject(objectOf(session));
    expect(await run({ code }, { session })).toMatchObject({ ok: true, result: ["From laptop, Ada", "From desk, Bob"] });
  });

  test("that disconnect leave the other servers working, and their own fail as offline", async () => {
    const session = crypto.randomUUID();
    const first = await dial(session, serveGreet, { ...laptop, ...stdioServers("files") });
    await dial(session, serveGreet, { ...desk, ...stdioServers("printer") });
    first.socket.close(1000, "gone");
    await first.closed;
    expect(await run({ code: callOf("printer") }, { session })).toMatchObject({ ok: true });
    expect(await run({ code: callOf("files") }, { session })).toMatchObject({
      ok: false,
      errors: [{ code: "bridge_offline", message: expect.stringContaining("Its bridge, on laptop, is not connected.") }],
    });
    expect(await list(session)).toMatchObject({
      servers: [
        { id: "files", status: "bridge_offline", reason: expect.stringContaining("laptop") },
        { id: "printer", status: "ready" },
      ],
    });
  });

  test("serve a server that several declare from the newest one, and from the older one when that disconnects", {
    tags: ["tunnel.several-bridges"],
  }, async () => {
    const session = crypto.randomUUID();
    const older = await dial(session, greetAs("Old"), { ...laptop, ...stdioServers("files", "notes") });
    const newer = await dial(session, greetAs("New"), { ...desk, ...stdioServers("files") });
    expect(await run({ code: callOf("files") }, { session })).toMatchObject({ result: "New Ada" });
    expect(await run({ code: callOf("notes") }, { session })).toMatchObject({ result: "Old Ada" });
    newer.socket.close(1000, "gone");
    await newer.closed;
    expect(await run({ code: callOf("files") }, { session })).toMatchObject({ result: "Old Ada" });
    expect(older.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("include no bridge whose servers are all served by a newer one, but one that has no servers", {
    tags: ["tunnel.several-bridges"],
  }, async () => {
    const session = crypto.randomUUID();
    const first = await dial(session, serveGreet, { ...laptop, ...stdioServers("files") });
    const empty = await dial(session, serveGreet, { key: "e", instance: "e", bridge: "empty", ...filed() });
    await dial(session, serveGreet, { ...desk, ...stdioServers("files", "notes") });
    expect(await first.closed).toBe(closeCodes.replaced);
    expect(await run({ code: callOf("files") }, { session })).toMatchObject({ ok: true });
    expect(empty.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("include the one that replaces the Worker's registry, even if newer ones serve all its servers", {
    tags: ["tunnel.several-bridges"],
  }, async () => {
    const session = crypto.randomUUID();
    const { servers, registry } = stdioServers("files");
    const whole = await dial(session, greetAs("Whole"), { ...laptop, servers, registry: { ...registry, isWhole: true } });
    const other = await dial(session, greetAs("Other"), { ...desk, ...stdioServers("files") });
    expect(await run({ code: callOf("files") }, { session })).toMatchObject({ result: "Other Ada" });
    other.socket.close(1000, "gone");
    await other.closed;
    expect(await run({ code: callOf("files") }, { session })).toMatchObject({ result: "Whole Ada" });
    expect(whole.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("are identified by their keys: one that connects again replaces its old socket at once, even if that is still open", {
    tags: ["tunnel.once"],
  }, async () => {
    const session = crypto.randomUUID();
    const old = await dial(session, (request) => (request.type === "list_tools" ? serveGreet(request) : undefined));
    const first = run({ code: callGreet }, { session });
    await vi.waitUntil(() => old.requests.some(({ type }) => type === "call_tool"), { timeout: 20_000 });
    const again = await dial(session, serveGreet);
    expect(await first).toMatchObject({ ok: false, errors: [{ code: "bridge_offline" }], calls: [{ outcome: "unknown" }] });
    expect(again.requests.filter(({ type }) => type === "call_tool")).toEqual([]);
    expect(await old.closed).toBe(closeCodes.replaced);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
  });

  test("are at most `bridgesMax`: one bridge over the limit is refused", { tags: ["tunnel.several-bridges"] }, async () => {
    const session = crypto.randomUUID();
    for (let index = 0; index < limits.bridgesMax; index++) {
      await dial(session, serveGreet, { key: `k${index}`, instance: "i", bridge: "b", ...stdioServers(`server${index}`) });
    }
    const oneMore = await dial(session, serveGreet, { key: "more", instance: "i", bridge: "b", ...stdioServers("more") });
    expect(await oneMore.closed).toBe(closeCodes.full);
    await objectOf(session).sendAudit();
    const denied = await recordsWhere((record) => record.session === session && record.rule !== undefined);
    expect(denied).toMatchObject([{ action: "denial", rule: "bridges", principal: "owner" }]);
    const again = await dial(session, greetAs("Again"), { key: "k3", instance: "i", bridge: "b", ...stdioServers("server3") });
    expect(await run({ code: callOf("server3") }, { session })).toMatchObject({ result: "Again Ada" });
    expect(again.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("are remembered while they are disconnected, and forgotten after a while", {
    tags: ["tunnel.several-bridges"],
  }, async () => {
    const session = crypto.randomUUID();
    const first = await dial(session, serveGreet, { ...laptop, ...stdioServers("files") });
    first.socket.close(1000, "gone");
    await first.closed;
    await dial(session, serveGreet, { ...desk, ...stdioServers("printer") });
    expect(await idsIn(session)).toEqual(["files", "printer"]);

    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + limits.bridgeKnownMs + 1_000 });
    await dial(session, serveGreet, { ...desk, ...stdioServers("printer") });
    expect(await idsIn(session)).toEqual(["printer"]);
  });
});

describe("a stateful server", () => {
  const browser = filed(serverEntry("browser", { stateful: true }));
  const code = callOf("browser");

  test("whose bridge was restarted fails the next call because its state is lost, once", {
    tags: ["tunnel.started-anew"],
  }, async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet, { ...laptop, ...browser });
    expect(await run({ code }, { session })).toMatchObject({ ok: true });
    await evictDurableObject(objectOf(session));
    const { requests } = await dial(session, serveGreet, { ...laptop, instance: "laptop-2", ...browser });
    expect(await run({ code }, { session })).toMatchObject({
      ok: false,
      errors: [{ code: "server_unavailable", message: expect.stringContaining("lost its state") }],
      calls: [{ outcome: "not_started" }],
    });
    expect(requests.filter(({ type }) => type === "call_tool")).toEqual([]);
    expect(await run({ code }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
  });

  test("has lost no state if its bridge only connected again, or if it was never called", {
    tags: ["tunnel.started-anew"],
  }, async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet, { ...laptop, instance: "laptop-0", ...browser });
    await dial(session, serveGreet, { ...laptop, ...browser });
    expect(await run({ code }, { session })).toMatchObject({ ok: true });
    await dial(session, serveGreet, { ...laptop, ...browser });
    expect(await run({ code }, { session })).toMatchObject({ ok: true });
  });

  test("that another bridge takes over fails the next call, and again when the first bridge takes it back", {
    tags: ["tunnel.started-anew"],
  }, async () => {
    const session = crypto.randomUUID();
    const keeper = filed(serverEntry("browser", { stateful: true }), serverEntry("files"));
    await dial(session, serveGreet, { ...laptop, ...keeper });
    expect(await run({ code }, { session })).toMatchObject({ ok: true });
    const other = await dial(session, serveGreet, { ...desk, ...browser });
    expect(await run({ code }, { session })).toMatchObject({ ok: false, errors: [{ code: "server_unavailable" }] });
    expect(await run({ code }, { session })).toMatchObject({ ok: true });
    other.socket.close(1000, "gone");
    await other.closed;
    expect(await run({ code }, { session })).toMatchObject({ ok: false, errors: [{ code: "server_unavailable" }] });
    expect(await run({ code }, { session })).toMatchObject({ ok: true });
  });
});

describe("tools that changed while the tunnel was down", () => {
  const renamed = `import { time } from "mcp-clients"; return await time.welcome({ name: "Ada" });`;
  const welcome = (request: Parameters<typeof serveGreet>[0]) => {
    const name = "welcome";
    const inputSchema = { type: "object" };
    return request.type === "list_tools"
      ? { type: "result" as const, id: request.id, value: [{ name, inputSchema }] }
      : serveGreet(request);
  };

  test("are listed again when the same bridge connects again and reports the change", {
    tags: ["tunnel.started-anew"],
  }, async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
    await dial(session, welcome, { servers: [{ id: "time", state: "running", toolsChanges: 1 }] });
    expect(await run({ code: renamed }, { session })).toMatchObject({ ok: true });
  });

  test("are listed again when they are next used after a restart of the bridge, and not before", {
    tags: ["tunnel.started-anew"],
  }, async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
    const { requests } = await dial(session, welcome, { instance: "second" });
    expect(await list(session)).toMatchObject({ servers: expect.arrayContaining([expect.objectContaining({ id: "time" })]) });
    expect(requests).toEqual([]);
    expect(await run({ code: renamed }, { session })).toMatchObject({ ok: true });
  });

  test("are not listed again if they cannot have changed", { tags: ["tunnel.started-anew"] }, async () => {
    const session = crypto.randomUUID();
    await dial(session, serveGreet);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
    const { requests } = await dial(session, serveGreet);
    expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true });
    expect(requests.map(({ type }) => type)).toEqual(["call_tool"]);
  });
});

test("1,000 sockets that never say hello leave a bounded number open, and a bridge gets in", {
  tags: ["bridge.silent"],
}, async () => {
  const session = crypto.randomUUID();
  const closed = { count: 0 };
  for (let n = 0; n < 1_000; n += 1) {
    const socket = await openSocket(session);
    socket.addEventListener("close", () => {
      closed.count += 1;
    });
    socket.accept();
  }
  await expect.poll(() => closed.count, { timeout: 10_000 }).toBe(1_000 - bridgeLimits.silentSocketsMax);
  await dial(session, serveGreet, stdioServers("time"));
  expect(await run({ code: callGreet }, { session })).toMatchObject({ ok: true, result: "Hello Ada" });
});
