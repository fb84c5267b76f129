import { describe, expect, test } from "vitest";
import { createLedger } from "../../../core/calls/ledger.ts";
import { limits } from "../../../core/limits.ts";
import { ManualClock } from "../../support/fakes.ts";

const call = { server: "a", tool: "t", isRetrySafe: false };

describe("a call", () => {
  test("that was never sent is recorded as not_started and safe to retry", () => {
    const ledger = createLedger(() => 0);
    ledger.open(call);
    expect(ledger.records()).toEqual([{ server: "a", tool: "t", outcome: "not_started", durationMs: 0, retrySafe: true }]);
  });

  test("that was sent and has no answer yet is recorded as unknown, with its duration so far", () => {
    const clock = new ManualClock();
    const ledger = createLedger(clock.now);
    ledger.open(call).sent();
    clock.advance(70);
    expect(ledger.records()).toEqual([{ server: "a", tool: "t", outcome: "unknown", durationMs: 70, retrySafe: false }]);
  });

  test.each([
    ["succeeded", {}],
    ["failed", { retrySafe: false }],
    ["unknown", { retrySafe: false }],
    ["not_started", { retrySafe: true }],
  ] as const)("that ends as %s is recorded with that outcome and %j", (outcome, rest) => {
    const clock = new ManualClock();
    const ledger = createLedger(clock.now);
    const open = ledger.open(call);
    clock.advance(5);
    open.settle(outcome);
    clock.advance(100);
    expect(ledger.records()).toEqual([{ server: "a", tool: "t", outcome, durationMs: 5, ...rest }]);
  });

  test("of a tool that is safe to repeat is recorded as safe to retry, whatever its outcome", () => {
    const ledger = createLedger(() => 0);
    ledger.open({ ...call, isRetrySafe: true }).settle("unknown");
    expect(ledger.records()).toMatchObject([{ outcome: "unknown", retrySafe: true }]);
  });
});

describe("the records", () => {
  test("are a copy, in the order of the calls", () => {
    const ledger = createLedger(() => 0);
    const first = ledger.open({ ...call, tool: "first" });
    ledger.open({ ...call, tool: "second" }).settle("succeeded");
    const before = ledger.records();
    first.settle("failed");
    expect(before.map(({ tool, outcome }) => [tool, outcome])).toEqual([
      ["first", "not_started"],
      ["second", "succeeded"],
    ]);
    expect(ledger.made()).toBe(2);
  });

  test("stay bounded when a program is refused in a loop", () => {
    const ledger = createLedger(() => 0);
    for (let made = 0; made < limits.callsKeptMax + 5_000; made++) ledger.open(call).settle("not_started");
    expect(ledger.records()).toHaveLength(limits.callsKeptMax);
    expect(ledger.made()).toBe(limits.callsKeptMax + 5_000);
  });

  test("have those of saved programs below them, all within one bound, and first those of the program itself", () => {
    const below = createLedger(() => 0);
    for (let made = 0; made < 10_000; made++) below.open(call).settle("succeeded");
    const ledger = createLedger(() => 0);
    for (let made = 0; made < 3; made++) ledger.open({ ...call, tool: "saved" }).nest((room) => below.records(room));
    const lengths = ledger.records().map(({ calls = [] }) => calls.length);
    expect(lengths).toEqual([10_000, limits.callsKeptMax - 10_003, 0]);
    expect(ledger.records()[0]?.calls?.[0]).toEqual({ server: "a", tool: "t", outcome: "succeeded", durationMs: 0 });
    expect(ledger.begun()).toEqual([]);
  });
});
