import { describe, expect, test } from "vitest";
import { type Lease, leaseForRenewal, leaseProcess } from "../../worker/sandbox/slots.ts";

/* Which process a program gets, and which program is blamed for a lost process. Each test has its own process names. */

const never = new AbortController().signal;
const enter = (processes: string[], options: Partial<Parameters<typeof leaseProcess>[1]> = {}): Promise<Lease> =>
  leaseProcess(processes, { isExclusive: false, expiresAt: () => Number.POSITIVE_INFINITY, signal: never, ...options });

describe("a program", () => {
  test("gets the process with the fewest programs", async () => {
    const leases = [await enter(["a1", "a2"]), await enter(["a1", "a2"]), await enter(["a1", "a2"])];
    expect(leases.map(({ process }) => process)).toEqual(["a1", "a2", "a1"]);
    leases[1]?.release();
    expect((await enter(["a1", "a2"])).process).toBe("a2");
  });

  test("avoids a process that does not answer if there is another", async () => {
    const frozen = await enter(["b1", "b2"]);
    frozen.sawAnswer(false);
    expect([await enter(["b1", "b2"]), await enter(["b1", "b2"])].map(({ process }) => process)).toEqual(["b2", "b2"]);
    expect((await enter(["b1"])).process).toBe("b1");
    frozen.sawAnswer(true);
    expect((await enter(["b1", "b2"])).process).toBe("b1");
  });

  test("with an exclusive lease waits for an empty process, which then admits no other program", async () => {
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

  test("of an evicted session loses its lease when that expires", async () => {
    await enter(["e"], { isExclusive: true, expiresAt: () => Date.now() - 1 });
    expect((await enter(["e"])).wasAlone).toBe(true);
  });
});

describe("the blame for a lost process", () => {
  test("falls on a program that was alone in it", async () => {
    expect((await enter(["f"])).wasAlone).toBe(true);
  });

  test("falls on neither of two programs, whichever notices first", { tags: ["sandbox.innocent"] }, async () => {
    const [one, other] = [await enter(["g"]), await enter(["g"])];
    one.lose();
    expect([one.wasAlone, other.wasAlone]).toEqual([false, false]);
    other.lose();
    expect(other.wasAlone).toBe(false);
  });

  test("does not fall on a program that had ended by itself before", async () => {
    const [one, other] = [await enter(["h"]), await enter(["h"])];
    other.release();
    expect(one.wasAlone).toBe(true);
  });
});

describe("a renewal", () => {
  test("is due after programsMax programs if the process is empty, and blocks the process meanwhile", {
    tags: ["sandbox.memory"],
  }, async () => {
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
