import { describe, expect, test } from "vitest";
import { circuitWords, decideStart } from "../../../bridge/stdio/restarts.ts";
import { limits } from "../../../core/limits.ts";

const at = (count: number, ms: number) => decideStart({ count, lastAt: 1_000 }, 1_000 + ms);
const { serverFailuresMax: failuresMax, leftAloneMs, leftAloneMsMax, restartMs } = limits;

describe("a server that failed", () => {
  test.each([0, 1])("%i times is started at once", (count) => {
    expect(at(count, 0)).toEqual({ kind: "now" });
  });

  test("again is waited for, longer each time, and no longer than that", () => {
    expect(at(2, 0)).toEqual({ kind: "wait", ms: restartMs });
    expect(at(3, 0)).toEqual({ kind: "wait", ms: 2 * restartMs });
    expect(at(3, 100)).toEqual({ kind: "wait", ms: 2 * restartMs - 100 });
    expect(at(3, 2 * restartMs)).toEqual({ kind: "now" });
  });

  test("too often in a row is left alone for a while, then tried", { tags: ["bridge.restarts"] }, () => {
    expect(at(failuresMax - 1, 0).kind).toBe("wait");
    expect(at(failuresMax, leftAloneMs - 1)).toEqual({ kind: "refuse", until: 1_000 + leftAloneMs });
    expect(at(failuresMax, leftAloneMs)).toEqual({ kind: "now" });
  });

  test("in its trial is left alone twice as long, up to the bound", () => {
    expect(at(failuresMax + 1, leftAloneMs)).toEqual({ kind: "refuse", until: 1_000 + 2 * leftAloneMs });
    expect(at(failuresMax + 30, 0)).toEqual({ kind: "refuse", until: 1_000 + leftAloneMsMax });
  });
});

test("what is said of a server that is left alone names the time of the next try", () => {
  expect(circuitWords({ count: failuresMax - 1, lastAt: 0 })).toBe("");
  expect(circuitWords({ count: failuresMax, lastAt: Date.UTC(2026, 0, 1, 12) })).toBe(
    " It failed 4 times in a row and is left alone until 12:00:30 UTC.",
  );
});
