import { describe, expect, test } from "vitest";
import { createGate } from "../../../core/calls/gate.ts";
import { createLedger } from "../../../core/calls/ledger.ts";
import { createRunNotifications } from "../../../core/calls/progress.ts";
import { retryWaitMs } from "../../../core/calls/retry.ts";
import { type ErrorCode, UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { createTraffic } from "../../../core/policy/traffic.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream, ManualClock, nobodyAsks, valueIn } from "../../support/fakes.ts";

const tools = [
  tool("write"),
  tool("read", { annotations: { readOnlyHint: true } }),
  tool("put", { annotations: { idempotentHint: true } }),
];

type Failure = { code: ErrorCode; delivery: UpstreamError["delivery"]; retryable?: boolean };

const lost: Failure = { code: "bridge_offline", delivery: "not_sent" };
const vanished: Failure = { code: "server_unavailable", delivery: "sent" };

/** A run on a server that fails with each of `failures` in turn and then answers. The waits between retries pass at once. */
function startRun({
  failures,
  runMs = 10_000,
  server = serverEntry("hub"),
}: {
  failures: Failure[];
  runMs?: number;
  server?: ReturnType<typeof serverEntry>;
}) {
  const waits: number[] = [];
  const end = new AbortController();
  const clock = new (class extends ManualClock {
    override after(ms: number, wake: () => void): () => void {
      waits.push(ms);
      const stop = super.after(ms, wake);
      queueMicrotask(() => this.advance(ms));
      return stop;
    }
  })();
  const left = [...failures];
  const answer = () => {
    const failure = left.shift();
    if (failure === undefined) return textResult("done");
    const { code, ...details } = failure;
    throw new UpstreamError(code, `${code} (${failure.delivery})`, details);
  };
  const upstream = new FakeUpstream({ hub: { tools, answers: { write: answer, read: answer, put: answer } } });
  const ledger = createLedger(clock.now);
  const startedAt = clock.now();
  const run = {
    allowed: [server],
    toolsOf: () => tools,
    toolsNow: async () => tools,
    hasChanged: () => false,
    deadline: () => startedAt + runMs,
    signal: end.signal,
    ledger,
    notifications: createRunNotifications({ clock, onProgress: () => {}, onLog: () => {} }),
    canAsk: true,
    ask: nobodyAsks,
  };
  const gate = createGate({
    run,
    upstream,
    clock,
    random: () => 0.5,
    traffic: createTraffic({ clock: new ManualClock() }),
    registered: [server],
  });
  const call = async (name: string) => {
    const reply = await gate.callMcpTool("hub", name, "{}", "value");
    return reply.ok ? valueIn(reply) : reply.error.message;
  };
  const lines = () => ledger.records().map(({ outcome, attempts }) => [outcome, attempts ?? 1]);
  return { call, upstream, lines, waits, end, clock };
}

describe("a failed call is retried", () => {
  test.each(["write", "read", "put"])(
    "when it was not sent, even if the tool is not safe to repeat: %s",
    { tags: ["calls.retries"] },
    async (name) => {
      const { call, upstream, lines } = startRun({ failures: [lost, lost] });
      expect(await call(name)).toBe("done");
      expect(upstream.called).toHaveLength(3);
      expect(lines()).toEqual([["succeeded", 3]]);
    },
  );

  test.each(["read", "put"])("when its answer was lost and the tool is annotated as safe to repeat: %s", async (name) => {
    const { call, lines } = startRun({ failures: [vanished] });
    expect(await call(name)).toBe("done");
    expect(lines()).toEqual([["succeeded", 2]]);
  });

  test("up to callRetriesMax times, then fails with the last error and is one record in the ledger", {
    tags: ["calls.retries"],
  }, async () => {
    const { call, upstream, lines } = startRun({ failures: Array.from({ length: 9 }, () => lost) });
    expect(await call("write")).toBe("bridge_offline (not_sent)");
    expect(upstream.called).toHaveLength(1 + limits.callRetriesMax);
    expect(lines()).toEqual([["not_started", 1 + limits.callRetriesMax]]);
  });

  test("after waits that double, with the rest of the run's time as its time limit", async () => {
    const { call, upstream, waits } = startRun({ failures: [lost, lost] });
    await call("write");
    expect(waits).toEqual([150, 300]);
    expect(upstream.called.map(({ timeoutMs }) => timeoutMs)).toEqual([9_980, 9_830, 9_530]);
  });
});

describe("a failed call is not retried", () => {
  test("when it may have run and the tool is not annotated as safe to repeat", { tags: ["calls.retries"] }, async () => {
    const { call, upstream, lines } = startRun({ failures: [vanished] });
    expect(await call("write")).toBe("server_unavailable (sent)");
    expect(upstream.called).toHaveLength(1);
    expect(lines()).toEqual([["unknown", 1]]);
  });

  test.each([
    [{ code: "tool_error", delivery: "answered" }],
    [{ code: "server_unavailable", delivery: "answered" }],
    [{ code: "call_timeout", delivery: "sent" }],
    [{ code: "auth_required", delivery: "not_sent" }],
    [{ code: "cancelled", delivery: "not_sent" }],
    [{ code: "server_unavailable", delivery: "not_sent", retryable: false }],
  ] as [Failure][])("when a retry would not help: %j", async (failure) => {
    const { call, upstream } = startRun({ failures: [failure] });
    await call("read");
    expect(upstream.called).toHaveLength(1);
  });

  test("when the wait would end after the run", { tags: ["calls.retries"] }, async () => {
    const { call, upstream } = startRun({ failures: [lost, lost], runMs: 450 });
    await call("read");
    expect(upstream.called).toHaveLength(2);
  });

  test("when the wait would exceed the server's time limit", async () => {
    const server = serverEntry("hub", { limits: { timeoutMs: 150 } });
    const { call, upstream } = startRun({ failures: [lost], server });
    await call("read");
    expect(upstream.called).toHaveLength(1);
  });

  test("when it would exceed the server's callsPerMinute", async () => {
    const server = serverEntry("hub", { limits: { callsPerMinute: 2 } });
    const { call, upstream } = startRun({ failures: [lost, lost, lost], server });
    await call("read");
    expect(upstream.called).toHaveLength(2);
  });

  test("when the run ends during the wait", async () => {
    const { call, upstream, end, clock } = startRun({ failures: [lost] });
    const { after } = clock;
    clock.after = (ms, wake) => {
      end.abort();
      return after.call(clock, ms, wake);
    };
    expect(await call("read")).toBe("bridge_offline (not_sent)");
    expect(upstream.called).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

test("a call is unknown if an earlier attempt may have run, even if the last attempt was not sent", async () => {
  const { call, lines } = startRun({ failures: [vanished, lost, lost, lost] });
  expect(await call("read")).toBe("server_unavailable (sent)");
  expect(lines()).toEqual([["unknown", 4]]);
});

test("the wait before a retry is random, between half of its maximum and its maximum", () => {
  expect([retryWaitMs(0, 0), retryWaitMs(0, 0.999), retryWaitMs(2, 0), retryWaitMs(2, 0.999)]).toEqual([
    limits.callRetryMs / 2,
    limits.callRetryMs,
    limits.callRetryMs * 2,
    limits.callRetryMs * 4,
  ]);
});
