import { describe, expect, test } from "vitest";
import { type Lease, leaseForRenewal, leaseProcess } from "../../worker/sandbox/slots.ts";

/* Where programs go, and who is to blame when a process is lost. Each test has processes of its own. */

const never = new AbortController().signal;
const enter = (processes: string[], options: Partial<Parameters<typeof leaseProcess>[1]> = {}): Promise<Lease> =>
  leaseProcess(processes, { isExclusive: false, expiresAt: () => Number.POSITIVE_INFINITY, signal: never, ...options });

describe("a program", () => {
  test("goes where the fewest are", async () => {
    const leases = [await enter(["a1", "a2"]), await enter(["a1", "a2"]), await enter(["a1", "a2"])];
    expect(leases.map(({ process }) => process)).toEqual(["a1", "a2", "a1"]);
    leases[1]?.release();
    expect((await enter(["a1", "a2"])).process).toBe("a2");
  });

  test("avoids a process that does not answer, while there is another", async () => {
    const frozen = await enter(["b1", "b2"]);
    frozen.sawAnswer(false);
    expect([await enter(["b1", "b2"]), await enter(["b1", "b2"])].map(({ process }) => process)).toEqual(["b2", "b2"]);
    expect((await enter(["b1"])).process).toBe("b1");
    frozen.sawAnswer(true);
    expect((await enter(["b1", "b2"])).process).toBe("b1");
  });

  test("that wants a process for itself waits for an empty one, and nobody follows it in", async () => {
    const first = await enter(["c"]);
    const exclusive = enter(["c"], { isExclusive: true });
    first.release();
    const alone = await exclusive;
    let hasEntered = false;
    const next = enter(["c"]).then((lease) => {
      hasEntered = true;
      return lease;
    });
    await scheduler.wait(50);
    expect(hasEntered).toBe(false);
    alone.release();
    expect((await next).wasAlone).toBe(true);
  });

  test("stops waiting when it is cancelled", async () => {
    await enter(["d"]);
    const cancel = new AbortController();
    const waiting = enter(["d"], { isExclusive: true, signal: cancel.signal });
    cancel.abort();
    await expect(waiting).rejects.toThrow();
  });

  test("whose session was evicted does not hold its place for ever", async () => {
    await enter(["e"], { isExclusive: true, expiresAt: () => Date.now() - 1 });
    expect((await enter(["e"])).wasAlone).toBe(true);
  });
});

describe("the blame for a lost process", () => {
  test("is a program's that was alone in it", async () => {
    expect((await enter(["f"])).wasAlone).toBe(true);
  });

  test("is nobody's when there were two, whoever notices first", async () => {
    const [one, other] = [await enter(["g"]), await enter(["g"])];
    one.lose();
    expect([one.wasAlone, other.wasAlone]).toEqual([false, false]);
    other.lose();
    expect(other.wasAlone).toBe(false);
  });

  test("is not shared with a program that had ended well before", async () => {
    const [one, other] = [await enter(["h"]), await enter(["h"])];
    other.release();
    expect(one.wasAlone).toBe(true);
  });
});

describe("a renewal", () => {
  test("is due after so many programs, when the process is empty, and keeps others out meanwhile", async () => {
    const options = { programsMax: 2, expiresAfterMs: 60_000 };
    (await enter(["i"])).release();
    expect(leaseForRenewal("i", options)).toBeUndefined();
    const second = await enter(["i"]);
    expect(leaseForRenewal("i", options)).toBeUndefined();
    second.release();
    const renewal = leaseForRenewal("i", options);
    expect((await enter(["i", "other"])).process).toBe("other");
    renewal?.release();
    expect((await enter(["i", "other"])).process).toBe("i");
    expect(leaseForRenewal("i", options)).toBeUndefined();
  });
});
