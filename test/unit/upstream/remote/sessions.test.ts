import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../bridge/clock.ts";
import { limits } from "../../../../core/limits.ts";
import type { ServerLog } from "../../../../core/mcp/upstream.ts";
import { serverEntry } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { memoryStore } from "../../../support/fakes.ts";
import { HttpMcp, notFound, remoteServers } from "../../../support/http-mcp.ts";

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };
const work = { tool: "work", args: {} };

const entryOf = ({ url }: HttpMcp, fields: object = {}) =>
  serverEntry("notes", { mcp: { transport: "http", url, headers: {} }, ...fields });

describe("a remote server that has forgotten the session", () => {
  test("gets a new one, the call is sent again, and the run's log says so", {
    tags: ["upstream.session-lost"],
  }, async () => {
    await using server = await HttpMcp.start();
    const servers = remoteServers();
    const told: ServerLog[] = [];
    const withLog = { ...options, onLog: (line: ServerLog) => told.push(line) };
    await servers.callTool(entryOf(server), work, withLog);
    server.forget();

    expect(await servers.callTool(entryOf(server), work, withLog)).toMatchObject({ content: [{ text: expect.any(String) }] });
    expect(server.of("initialize")).toHaveLength(2);
    expect(told).toEqual([{ level: "warn", message: expect.stringContaining("notes no longer knows the session") }]);
  });

  test.each([
    ["404 with a JSON-RPC error", { status: 404 }],
    ["404 with another body", { status: 404, body: {} }],
    ["400 with a JSON-RPC error", { status: 400, body: notFound({ id: undefined }, -32_000) }],
    ["400 without an explanation", { status: 400, body: {} }],
  ])("may report that by %s", async (_name, unknownSession) => {
    await using server = await HttpMcp.start({ unknownSession });
    const servers = remoteServers();
    await servers.callTool(entryOf(server), work, options);
    server.forget();
    await servers.callTool(entryOf(server), work, options);
    expect(server.of("initialize")).toHaveLength(2);
  });

  test("is not assumed when a request is refused for invalid parameters", async () => {
    await using server = await HttpMcp.start({ onCall: (exchange) => exchange.status(400, notFound(exchange, -32_602)) });
    const failure = await failureOf(remoteServers().callTool(entryOf(server), work, options));
    expect(failure).toMatchObject({ code: "invalid_arguments", delivery: "answered", message: "notes.work: not found" });
    expect(server.of("initialize")).toHaveLength(1);
  });

  test("is not assumed when a server refuses its own tool's answer, which is no fault of the arguments", async () => {
    const refused = (exchange: { id: unknown }) => ({
      ...{ jsonrpc: "2.0", id: exchange.id },
      error: { code: -32_602, message: "Output validation error: Invalid structured content for tool work" },
    });
    await using server = await HttpMcp.start({ onCall: (exchange) => exchange.status(200, refused(exchange)) });
    const failure = await failureOf(remoteServers().callTool(entryOf(server), work, options));
    expect(failure).toMatchObject({ code: "tool_error", delivery: "answered", message: expect.stringContaining("Output") });
  });

  test("gets one new session for all calls that were refused together", async () => {
    await using server = await HttpMcp.start();
    const servers = remoteServers();
    await servers.callTool(entryOf(server), work, options);
    server.forget();
    await Promise.all(Array.from({ length: 10 }, () => servers.callTool(entryOf(server), work, options)));
    expect(server.of("initialize")).toHaveLength(2);
  });

  test("and refuses the new one too gets no third", { tags: ["upstream.session-lost"] }, async () => {
    await using server = await HttpMcp.start({ onCall: (exchange) => exchange.status(404) });
    const failure = await failureOf(remoteServers().callTool(entryOf(server), work, options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent", details: { retryable: false } });
    expect(failure.message).toMatch(/^notes\.work does not know the session that it has just opened/);
    expect(server.of("initialize")).toHaveLength(2);
  });

  test("lists its tools in a new session", async () => {
    await using server = await HttpMcp.start();
    const servers = remoteServers();
    await servers.listTools(entryOf(server), options);
    server.forget();
    expect(await servers.listTools(entryOf(server), options)).toHaveLength(1);
  });
});

describe("a stateful remote server that has forgotten the session", () => {
  const stateful = { stateful: true };

  test("fails each concurrent call, and the next one opens a new session", {
    tags: ["upstream.session-lost"],
  }, async () => {
    await using server = await HttpMcp.start();
    const servers = remoteServers();
    await servers.callTool(entryOf(server, stateful), work, options);
    server.forget();

    const calls = [1, 2, 3].map(() => failureOf(servers.callTool(entryOf(server, stateful), work, options)));
    for (const failure of await Promise.all(calls)) {
      expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent", details: { retryable: false } });
      expect(failure.message).toMatch(/^notes lost its state since the last call: .* The next call begins a new session/);
    }
    const executed = server.calls().length;
    await servers.callTool(entryOf(server, stateful), work, options);
    expect(server.calls()).toHaveLength(executed + 1);
    expect(server.of("initialize")).toHaveLength(2);
  });

  test("fails the next call if the loss was noticed by a tools/list request", async () => {
    await using server = await HttpMcp.start();
    const servers = remoteServers();
    await servers.callTool(entryOf(server, stateful), work, options);
    server.forget();
    await servers.listTools(entryOf(server, stateful), options);
    const failure = await failureOf(servers.callTool(entryOf(server, stateful), work, options));
    expect(failure.message).toContain("lost its state");
    await servers.callTool(entryOf(server, stateful), work, options);
  });

  test("fails the first call after a restart of the orchestrator, once", { tags: ["upstream.session-lost"] }, async () => {
    await using server = await HttpMcp.start();
    const store = memoryStore();
    await remoteServers({ store }).callTool(entryOf(server, stateful), work, options);
    const anew = remoteServers({ store });
    expect((await failureOf(anew.callTool(entryOf(server, stateful), work, options))).message).toContain("lost its state");
    await anew.callTool(entryOf(server, stateful), work, options);
    anew.drop("notes");
    await remoteServers({ store }).callTool(entryOf(server, stateful), work, options);
  });

  test.each([
    { by: "a restart of the orchestrator", isRestarted: true },
    { by: "the server, which has forgotten it", isRestarted: false },
  ])(
    "fails no call if its session was not used lately and is lost by $by",
    { tags: ["upstream.loss-lately"] },
    async ({ isRestarted }) => {
      await using server = await HttpMcp.start();
      const time = { now: 1_000 };
      const parts = { store: memoryStore(), clock: { ...systemClock, now: () => time.now } };
      const servers = remoteServers(parts);
      await servers.callTool(entryOf(server, stateful), work, options);
      if (!isRestarted) server.forget();
      time.now += limits.stateReliedOnMs + 1;
      const next = isRestarted ? remoteServers(parts) : servers;
      await next.callTool(entryOf(server, stateful), work, options);
      await next.callTool(entryOf(server, stateful), work, options);
      expect(server.of("initialize")).toHaveLength(2);
    },
  );

  test("has lost no state if its protocol has no sessions", async () => {
    await using server = await HttpMcp.start({ isModern: true });
    const store = memoryStore();
    for (let times = 0; times < 2; times++) await remoteServers({ store }).callTool(entryOf(server, stateful), work, options);
  });

  test("has lost no state if it was never called", async () => {
    await using server = await HttpMcp.start();
    const servers = remoteServers();
    await servers.listTools(entryOf(server, stateful), options);
    server.forget();
    await servers.callTool(entryOf(server, stateful), work, options);
  });

  test("keeps its session while it is unavailable or requires a login", async () => {
    let status = 0;
    await using server = await HttpMcp.start({
      before(exchange) {
        if (status !== 0) exchange.status(status);
        return status !== 0;
      },
    });
    const servers = remoteServers();
    await servers.callTool(entryOf(server, stateful), work, options);
    for (const [refusal, code] of [
      [503, "server_unavailable"],
      [401, "auth_required"],
    ] as const) {
      status = refusal;
      expect(await failureOf(servers.callTool(entryOf(server, stateful), work, options))).toMatchObject({ code });
    }
    status = 0;
    await servers.callTool(entryOf(server, stateful), work, options);
    expect(server.of("initialize")).toHaveLength(1);
  });
});

describe("a connection", () => {
  test("is opened once for concurrent first calls, and again after a failure", async () => {
    let isDown = true;
    await using server = await HttpMcp.start({
      before(exchange) {
        if (isDown) exchange.status(503);
        return isDown;
      },
    });
    const servers = remoteServers();
    const failures = await Promise.all([1, 2].map(() => failureOf(servers.callTool(entryOf(server), work, options))));
    expect(failures.map(({ delivery }) => delivery)).toEqual(["not_sent", "not_sent"]);
    isDown = false;
    await Promise.all(Array.from({ length: 5 }, () => servers.callTool(entryOf(server), work, options)));
    expect(server.of("initialize").length).toBeLessThanOrEqual(2);
    expect(server.sessions.size).toBe(1);
  });

  test("whose entry is removed waits for the calls in flight, then ends the session at the server", async () => {
    const answer = Promise.withResolvers<void>();
    await using server = await HttpMcp.start({
      onCall: (exchange) => void answer.promise.then(() => exchange.json({ content: [{ type: "text", text: "done" }] })),
    });
    const servers = remoteServers();
    await servers.listTools(entryOf(server), options);
    const call = servers.callTool(entryOf(server), work, options);
    await expect.poll(() => server.calls()).toHaveLength(1);
    servers.drop("notes");
    expect(server.ended).toEqual([]);
    answer.resolve();
    expect(await call).toMatchObject({ content: [{ text: "done" }] });
    await expect.poll(() => server.ended).toEqual([...server.sessions]);
  });
});

describe("a protocol generation", () => {
  test.each([false, true])("is negotiated with the server (2026-07-28: %s)", { tags: ["upstream.remote"] }, async (isModern) => {
    await using server = await HttpMcp.start({ isModern });
    await remoteServers().callTool(entryOf(server), work, options);
    expect(server.of("initialize")).toHaveLength(isModern ? 0 : 1);
    expect(server.calls()[0]?.headers["mcp-protocol-version"]).toBe(isModern ? "2026-07-28" : "2025-11-25");
  });
});
