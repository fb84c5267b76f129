import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Journal } from "../../../core/journal/journal.ts";
import { journalLimits } from "../../../core/journal/journal-limits.ts";
import type { JournalScope, OpenEntry } from "../../../core/journal/journal-scope.ts";
import { limits } from "../../../core/limits.ts";
import { type PausedRun, PausedRuns } from "../../../core/run/paused-runs.ts";
import { ManualClock, memoryStore } from "../../support/fakes.ts";

/* What is recorded of the calls of a run, and what a program gets that is run again. */

const reason = { rule: "tools.ask", limit: "*" } as const;

/** A run, in one process after another. */
function startRun() {
  const clock = new ManualClock();
  const store = memoryStore();
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const paused = new PausedRuns({ store, clock, sha256 });
  const times = { startedAt: clock.now(), openedAt: clock.now(), expiresAt: clock.now() };
  const run: PausedRun = { id: "s.1", token: "a_1", seed: "seed", lives: 1, ...times };
  const first = paused.newJournal(run.seed);
  const made: string[] = [];
  return {
    clock,
    paused,
    run,
    first,
    made,
    /** Everything in memory is lost. */
    next: () => paused.journalOf(run),
    keep: () => paused.keep(run, { input: {}, journal: first }),
    call: (scope: JournalScope, args: object, make: Making = async () => "ok") => {
      const call = { server: "far", tool: "work", argsJson: JSON.stringify(args), form: "value" };
      return scope.answer(
        call,
        async (open) => {
          made.push(call.argsJson);
          const value = await make(open);
          return { ok: true, value };
        },
        () => {},
      );
    },
  };
}

type Making = (open: OpenEntry | undefined) => Promise<unknown>;
const never = () => new Promise<never>(() => {});
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a call that was answered", () => {
  test("is answered from the record, whatever the order of its arguments, and as often as it was made", {
    tags: ["approvals.outlives"],
  }, async () => {
    const { first, next, keep, call, made, clock } = startRun();
    const scope = first.program();
    await call(scope, { a: 1, b: { c: 2, d: 3 } }, async () => "first");
    clock.advance(5);
    await call(scope, { b: { d: 3, c: 2 }, a: 1 }, async () => "second");
    expect(keep()).toBeUndefined();
    await call(scope, { a: 2 }, async () => "third");
    const again = next().program();
    const replies = await Promise.all([
      call(again, { a: 1, b: { c: 2, d: 3 } }),
      call(again, { a: 1, b: { c: 2, d: 3 } }),
      call(again, { a: 2 }),
    ]);
    expect(replies).toMatchObject([{ value: "first", at: 1_000_000 }, { value: "second", at: 1_000_005 }, { value: "third" }]);
    expect(made).toHaveLength(3);
    await call(again, { a: 1, b: { c: 2, d: 3 } }, async () => "new");
    expect(made).toHaveLength(4);
  });

  test("is answered in its turn: as before, and not as it is asked for", { tags: ["approvals.outlives"] }, async () => {
    const { first, next, keep, call, clock } = startRun();
    const scope = first.program();
    await call(scope, { n: 1 });
    await call(scope, { n: 2 });
    keep();
    const again = next().program();
    const order: number[] = [];
    const second = call(again, { n: 2 }).then(() => order.push(2));
    await settled();
    expect(order).toEqual([]);
    await Promise.all([call(again, { n: 1 }).then(() => order.push(1)), second]);
    expect(order).toEqual([1, 2]);
    const other = next().program();
    const alone = call(other, { n: 2 });
    await settled();
    clock.advance(journalLimits.stallMs);
    expect(await alone).toMatchObject({ ok: true });
  });
});

describe("a call that was sent and not answered", () => {
  test.each([
    [false, 1, { ok: false, error: { code: "server_unavailable", message: expect.stringContaining("may have happened") } }],
    [true, 2, { ok: true, value: "again" }],
  ])("is made again if that is safe (%s)", { tags: ["approvals.outlives"] }, async (isRetrySafe, times, reply) => {
    const { first, next, keep, call, made } = startRun();
    keep();
    const scope = first.program();
    keep();
    void call(scope, { n: 1 }, async (open) => {
      open?.entry.sent(isRetrySafe);
      return never();
    });
    await settled();
    const journal = next();
    expect(journal.done()).toMatchObject([{ isSent: true, server: "far" }]);
    expect(await call(journal.program(), { n: 1 }, async () => "again")).toMatchObject(reply);
    expect(made).toHaveLength(times);
    expect(await call(next().program(), { n: 1 }, never)).toMatchObject(reply);
  });

  test("by a program that lost its process alone is waited for", { tags: ["sandbox.innocent"] }, async () => {
    const { first, call, made } = startRun();
    const scope = first.program();
    const answer = Promise.withResolvers<string>();
    const lost = call(scope, { n: 1 }, (open) => {
      open?.entry.sent(false);
      return answer.promise;
    });
    await settled();
    scope.restart();
    const again = call(scope, { n: 1 });
    answer.resolve("once");
    expect(await Promise.all([lost, again])).toMatchObject([{ value: "once" }, { value: "once" }]);
    scope.restart();
    expect(await call(scope, { n: 1 })).toMatchObject({ value: "once" });
    expect(made).toHaveLength(1);
  });
});

describe("a program that is run again", () => {
  test("makes a new call only after all that were recorded", { tags: ["approvals.astray"] }, async () => {
    const { first, next, keep, call, made } = startRun();
    await call(first.program(), { n: 1 });
    keep();
    const again = next().program();
    const fresh = call(again, { n: 2 });
    await settled();
    expect(made).toHaveLength(1);
    await call(again, { n: 1 });
    await fresh;
    expect(made).toHaveLength(2);
  });

  test("is ended when it does something else, and nothing more is made or recorded", { tags: ["approvals.astray"] }, async () => {
    const { first, next, keep, call, made, clock } = startRun();
    await call(first.program(), { n: 1 }, async (open) => {
      open?.entry.sent(false);
      open?.entry.settled("succeeded", 3);
    });
    keep();
    const journal = next();
    const again = journal.program();
    void call(again, { n: 2 });
    clock.advance(journalLimits.stallMs);
    await expect(again.astray).rejects.toMatchObject({ code: "program_lost", details: { retryable: false } });
    await expect(call(again, { n: 1 })).rejects.toMatchObject({ code: "program_lost" });
    expect(made).toHaveLength(1);
    expect(journal.unmade()).toMatchObject([{ server: "far", outcome: "succeeded", durationMs: 3 }]);
  });

  test("is ended when more calls wait than it may have in flight", {
    tags: ["approvals.astray", "limits.in-flight"],
  }, async () => {
    const { first, next, keep, call } = startRun();
    await call(first.program(), { n: 1 });
    keep();
    const again = next().program();
    let ended: unknown;
    again.astray.catch((error) => {
      ended = error;
    });
    for (let n = 0; n < limits.callsInFlightMax; n++) void call(again, { more: n });
    await settled();
    expect(ended).toBeUndefined();
    void call(again, { oneMore: true });
    await settled();
    expect(ended).toMatchObject({ code: "program_lost" });
  });

  test("has the same time and random values, and others than another program of the run", {
    tags: ["approvals.outlives"],
  }, async () => {
    const { first, next, keep, call } = startRun();
    const scope = first.program();
    let nested: JournalScope | undefined;
    void call(scope, {}, async (open) => {
      nested = open?.nested();
      return never();
    });
    await settled();
    keep();
    const again = next().program();
    expect(again.determinism()).toEqual(scope.determinism());
    expect(scope.determinism().entropy).toHaveLength(2 * journalLimits.entropyBytes);
    expect(nested?.determinism().entropy).not.toBe(scope.determinism().entropy);
  });
});

describe("a saved program that is called", () => {
  test("is run again while it has not ended; then its own calls are part of its answer", {
    tags: ["approvals.outlives"],
  }, async () => {
    const { first, next, keep, call, made } = startRun();
    const inner =
      (end: () => Promise<unknown>): Making =>
      async (open) => {
        open?.entry.sent(false);
        const scope = open?.nested();
        if (scope) await call(scope, { inner: 1 });
        return end();
      };
    void call(first.program(), { outer: 1 }, inner(never));
    await settled();
    keep();
    await call(
      next().program(),
      { outer: 1 },
      inner(async () => "done"),
    );
    expect(made.filter((args) => args.includes("inner"))).toHaveLength(1);
    expect(await call(next().program(), { outer: 1 }, never)).toMatchObject({ value: "done" });
    expect(made.filter((args) => args.includes("outer"))).toHaveLength(2);
  });
});

test("what thousands of calls of a saved program did is forgotten in one pass when it ends", async () => {
  const forgotten: number[] = [];
  let looks = 0;
  const call = { server: "s", tool: "t", isSent: true, isRetrySafe: false };
  const inner = Array.from({ length: 2_000 }, (_, at) => ({
    ...{ ...call, id: `inner.${at}` },
    get within() {
      looks += 1;
      return at === 0 ? "outer.1" : `inner.${at - 1}`;
    },
  }));
  const records = [{ ...call, id: "outer.1", within: "", nestsSince: 1 }, ...inner];
  const rows = { writeEntry() {}, writeAsked() {}, writeLoss() {}, removeEntry: (number: number) => void forgotten.push(number) };
  const journal = new Journal({
    ...{ clock: new ManualClock(), sha256: () => "outer", seed: "", startedAt: 0 },
    recorded: { entries: new Map(records.map((record, number) => [number, record])), asked: undefined, rows },
  });
  const outer = { server: "s", tool: "t", argsJson: "{}", form: "value" };
  await journal.program().answer(
    outer,
    async () => ({ ok: true }),
    () => {},
  );
  expect(forgotten).toEqual(inner.map((_, at) => at + 1));
  expect(looks).toBeLessThan(10 * inner.length);
});

test("a call that a saved program did not wait for leaves nothing behind that the run would be expected to make again", {
  tags: ["approvals.outlives"],
}, async () => {
  const { first, next, keep, call, made } = startRun();
  const late = Promise.withResolvers<string>();
  let inner: JournalScope | undefined;
  const program = first.program();
  await call(program, { n: 0 });
  keep();
  await call(program, { outer: 1 }, async (open) => {
    const scope = open?.nested();
    if (scope === undefined) return "not recorded";
    inner = scope;
    void call(scope, { inner: 1 }, () => late.promise);
    await settled();
    return "done";
  });
  late.resolve("too late");
  if (inner) await call(inner, { inner: 2 });
  const again = next().program();
  await Promise.all([call(again, { n: 0 }), call(again, { outer: 1 })]);
  await call(again, { n: 3 });
  expect(made).toHaveLength(5);
});

test("a call of a program whose process was let go is not made", { tags: ["approvals.outlives"] }, async () => {
  const { first, keep, call, made } = startRun();
  const scope = first.program();
  await call(scope, { n: 1 });
  keep();
  first.close();
  await expect(call(scope, { n: 2 })).rejects.toMatchObject({ code: "cancelled" });
  expect(made).toHaveLength(1);
});

describe("a decision", () => {
  test("holds in the next process, for the calls that it was about and no others", { tags: ["approvals.outlives"] }, async () => {
    const { first, next, keep, call } = startRun();
    const asking = (n: number) => async (open: OpenEntry | undefined) => {
      const call = { server: "far", tool: "work", argsJson: String(n), reason };
      return first.asked.ask(call, open?.entry).then(() => never());
    };
    const scope = first.program();
    for (const n of [1, 2, 3]) void call(scope, { n }, asking(n));
    keep();
    await settled();
    expect(
      next()
        .asked.waiting()
        .map(({ number, argsJson }) => [number, argsJson]),
    ).toEqual([
      [1, "1"],
      [2, "2"],
      [3, "3"],
    ]);
    expect(next().canGoOn).toBe(false);
    expect(next().asked.decide({ kind: "allow", upTo: 1 })).toBe(true);
    expect(next().asked.decide({ kind: "allow", upTo: 1 })).toBe(false);
    expect(next().asked.decide({ kind: "deny", upTo: 2 })).toBe(true);
    const journal = next();
    expect(journal.canGoOn).toBe(true);
    const again = journal.program();
    const verdicts = await Promise.all(
      [1, 2].map((n) =>
        call(again, { n }, (open) => journal.asked.ask({ server: "far", tool: "work", argsJson: "", reason }, open?.entry)),
      ),
    );
    expect(verdicts).toMatchObject([{ value: "allowed" }, { value: "denied" }]);
    expect(journal.asked.waiting().map(({ number }) => number)).toEqual([3]);
  });

  test("covers no call that is asked about after it in a later process: no number is given twice", {
    tags: ["approvals.one-decision"],
  }, async () => {
    const { first, next, keep, call } = startRun();
    const ask = (journal: typeof first) => (open: OpenEntry | undefined) =>
      journal.asked.ask({ server: "far", tool: "work", argsJson: "", reason }, open?.entry);
    const answered = [1, 2].map((n) => call(first.program(), { n }, ask(first)));
    await settled();
    keep();
    first.asked.decide({ kind: "allow", upTo: 2 });
    await Promise.all(answered);
    const journal = next();
    const scope = journal.program();
    await Promise.all([1, 2].map((n) => call(scope, { n })));
    void call(scope, { n: 3 }, ask(journal));
    await settled();
    expect(journal.asked.waiting()).toMatchObject([{ number: 3 }]);
    expect(journal.asked.decide({ kind: "allow", upTo: 2 })).toBe(false);
  });

  test("about a tool covers as many calls as it said, over all processes", { tags: ["approvals.one-decision"] }, async () => {
    const { first, next, keep, call } = startRun();
    const ask = (journal: typeof first) => (open: OpenEntry | undefined) =>
      journal.asked.ask({ server: "far", tool: "work", argsJson: "", reason }, open?.entry);
    void call(first.program(), { n: 0 }, ask(first));
    keep();
    await settled();
    first.asked.decide({ kind: "allow_tools", upTo: 1, callsMax: 3 });
    const second = next();
    const scope = second.program();
    for (const n of [0, 1]) expect(await call(scope, { n }, ask(second))).toMatchObject({ value: "allowed" });
    const third = next();
    const last = third.program();
    for (const n of [0, 1, 2]) expect(await call(last, { n }, ask(third))).toMatchObject({ value: "allowed" });
    void call(last, { n: 3 }, ask(third));
    await settled();
    expect(third.asked.waiting()).toHaveLength(1);
  });
});

test("arguments that wait count as long as they wait", { tags: ["approvals.outlives"] }, async () => {
  const { first, keep, call } = startRun();
  const long = "x".repeat(journalLimits.charsMax / 2);
  const ask = (open: OpenEntry | undefined) =>
    first.asked.ask({ server: "far", tool: "work", argsJson: long, reason }, open?.entry);
  const scope = first.program();
  keep();
  for (const n of [1, 2]) {
    const answered = call(scope, { n }, ask);
    await settled();
    first.asked.decide({ kind: "allow", upTo: n });
    await answered;
  }
  expect(first.whyNot).toBeUndefined();
  for (const n of [3, 4]) void call(scope, { n }, ask);
  await settled();
  expect(first.whyNot).toContain("arguments that wait");
});

test("answers that are too large are not kept, and that is said", { tags: ["approvals.outlives"] }, async () => {
  const { first, keep, call, next, paused } = startRun();
  const scope = first.program();
  await call(scope, { n: 1 });
  expect(keep()).toBeUndefined();
  await call(scope, { n: 2 }, async (open) => {
    open?.entry.sent(false);
    open?.entry.settled("succeeded", 1);
    return "x".repeat(journalLimits.charsMax);
  });
  expect(first.whyNot).toContain(String(journalLimits.charsMax));
  expect(paused.list()).toMatchObject([{ loss: first.whyNot }]);
  await call(scope, { n: 3 });
  expect(next().program().whyNot()).toBeUndefined();
  expect(next().done()).toMatchObject([{ outcome: "succeeded" }]);
});
