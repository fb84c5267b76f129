import { describe, expect, test } from "vitest";
import { limits } from "../../../../core/limits.ts";
import type { UpstreamCallOptions } from "../../../../core/mcp/upstream.ts";
import { serverEntry } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { ManualClock } from "../../../support/fakes.ts";
import { type Exchange, HttpMcp, type HttpMcpOptions, remoteServers } from "../../../support/http-mcp.ts";

const work = { tool: "work", args: {} };

/** A server, calls to it and a clock that the test advances. */
async function start(behaviour: HttpMcpOptions) {
  const server = await HttpMcp.start(behaviour);
  const clock = new ManualClock();
  const servers = remoteServers({ clock });
  const entry = serverEntry("slow", { mcp: { transport: "http", url: server.url, headers: {} } });
  const call = (options: Partial<UpstreamCallOptions> = {}) =>
    servers.callTool(entry, work, { signal: new AbortController().signal, timeoutMs: 1_000, ...options });
  return { server, clock, servers, entry, call, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("a call without an answer", () => {
  test("times out, the server gets a cancellation, and the connection is closed", async () => {
    await using it = await start({ onCall: () => {} });
    const failure = failureOf(it.call());
    await expect.poll(() => it.server.calls()).toHaveLength(1);
    it.clock.advance(999);
    it.clock.advance(1);
    expect(await failure).toMatchObject({
      code: "call_timeout",
      delivery: "sent",
      message: "slow.work did not answer within 1000 ms.",
    });
    const [call] = it.server.calls();
    await call?.closed;
    await expect.poll(() => it.server.of("notifications/cancelled").map(({ params }) => params.requestId)).toEqual([call?.id]);
    expect(it.clock.pending).toBe(0);
  });

  test("is waited for longer while the server sends progress, up to the total time", {
    tags: ["upstream.progress-waits"],
  }, async () => {
    let call: Exchange | undefined;
    await using it = await start({
      onCall(exchange) {
        call = exchange;
        exchange.event(exchange.progress(0));
      },
    });
    let heard = 0;
    const failure = failureOf(it.call({ totalMs: 3_500, onProgress: ({ progress }) => (heard = progress + 1) }));
    for (const progress of [1, 2, 3]) {
      await expect.poll(() => heard).toBe(progress);
      it.clock.advance(999);
      call?.event(call.progress(progress));
    }
    await expect.poll(() => heard).toBe(4);
    it.clock.advance(503);
    expect(await failure).toMatchObject({
      code: "call_timeout",
      message: expect.stringContaining("3500 ms, which was all the time left, although it reported progress"),
    });
  });

  test("times out when the progress notifications stop", async () => {
    await using it = await start({ onCall: (exchange) => exchange.event(exchange.progress(1)) });
    const heard = Promise.withResolvers<unknown>();
    const failure = failureOf(it.call({ totalMs: 60_000, onProgress: heard.resolve }));
    await heard.promise;
    it.clock.advance(1_000);
    expect(await failure).toMatchObject({
      code: "call_timeout",
      message: "slow.work did not answer within 1000 ms after its last progress notification.",
    });
  });
});

describe("a call whose run has ended", () => {
  test("is cancelled at a server of 2025-11-25 with a notification and by closing the connection", {
    tags: ["upstream.cancelled"],
  }, async () => {
    await using it = await start({ onCall: (exchange) => exchange.event(exchange.progress(1)) });
    const run = new AbortController();
    const failure = failureOf(it.call({ signal: run.signal }));
    await expect.poll(() => it.server.calls()).toHaveLength(1);
    run.abort();
    expect(await failure).toMatchObject({ code: "cancelled", delivery: "sent" });
    const [call] = it.server.calls();
    await call?.closed;
    await expect.poll(() => it.server.of("notifications/cancelled").map(({ params }) => params.requestId)).toEqual([call?.id]);
  });

  test("is cancelled at a server of 2026-07-28 by closing the stream, without a notification", {
    tags: ["upstream.cancelled"],
  }, async () => {
    await using it = await start({ isModern: true, onCall: (exchange) => exchange.event(exchange.progress(1)) });
    const run = new AbortController();
    const failure = failureOf(it.call({ signal: run.signal }));
    await expect.poll(() => it.server.calls()).toHaveLength(1);
    run.abort();
    expect(await failure).toMatchObject({ code: "cancelled", delivery: "sent" });
    await it.server.calls()[0]?.closed;
    expect(it.server.of("notifications/cancelled")).toEqual([]);
  });

  test("while it connects is not sent, and the next call uses the connection", async () => {
    await using it = await start({});
    const run = new AbortController();
    run.abort();
    expect(await failureOf(it.call({ signal: run.signal }))).toMatchObject({ code: "cancelled", delivery: "not_sent" });
    expect(await it.call()).toMatchObject({ content: [{ text: "1" }] });
    expect(it.server.of("initialize")).toHaveLength(1);
  });
});

describe("a handshake without an answer", () => {
  test("times out, its connection is closed, and the next call tries again", async () => {
    let isSilent = true;
    await using it = await start({ before: () => isSilent });
    const failure = failureOf(it.call({ timeoutMs: 60_000 }));
    await expect.poll(() => it.server.seen).toHaveLength(1);
    it.clock.advance(limits.catalogFetchMs);
    expect(await failure).toMatchObject({
      code: "server_unavailable",
      delivery: "not_sent",
      message: expect.stringContaining("did not answer the MCP handshake"),
    });
    await it.server.seen[0]?.closed;
    isSilent = false;
    await it.call();
  });
});
