import { describe, expect, test } from "vitest";
import { decideStart, pauseNote } from "../../../bridge/stdio/restarts.ts";
import { stdioLimits } from "../../../bridge/stdio/stdio-limits.ts";

const at = (count: number, ms: number) => decideStart({ count, lastAt: 1_000 }, 1_000 + ms);
const { serverFailuresMax: failuresMax, leftAloneMs, leftAloneMsMax, restartMs } = stdioLimits;

describe("a server that failed", () => {
  test.each([0, 1])("%i times is started at once", (count) => {
    expect(at(count, 0)).toEqual({ kind: "now" });
  });

  test("again is started after a wait that doubles with each failure", () => {
    expect(at(2, 0)).toEqual({ kind: "wait", ms: restartMs });
    expect(at(3, 0)).toEqual({ kind: "wait", ms: 2 * restartMs });
    expect(at(3, 100)).toEqual({ kind: "wait", ms: 2 * restartMs - 100 });
    expect(at(3, 2 * restartMs)).toEqual({ kind: "now" });
  });

  test("too often in a row is not started for a while, then tried again", { tags: ["bridge.restarts"] }, () => {
    expect(at(failuresMax - 1, 0).kind).toBe("wait");
    expect(at(failuresMax, leftAloneMs - 1)).toEqual({ kind: "refuse", until: 1_000 + leftAloneMs });
    expect(at(failuresMax, leftAloneMs)).toEqual({ kind: "now" });
  });

  test("in its trial start is not started for twice as long, up to a maximum", () => {
    expect(at(failuresMax + 1, leftAloneMs)).toEqual({ kind: "refuse", until: 1_000 + 2 * leftAloneMs });
    expect(at(failuresMax + 30, 0)).toEqual({ kind: "refuse", until: 1_000 + leftAloneMsMax });
  });
});

test("the note about a server that failed too often names the time of the next start", () => {
  expect(pauseNote({ count: failuresMax - 1, lastAt: 0 })).toBe("");
  expect(pauseNote({ count: failuresMax, lastAt: Date.UTC(2026, 0, 1, 12) })).toBe(
    " It failed 4 times in a row and is not started again until 12:00:30 UTC.",
  );
});
