import { describe, expect, test } from "vitest";
import { enterForRenewal, enterProcess, type Stay } from "../../worker/sandbox/slots.ts";

/* Where programs go, and who is to blame when a process is lost. Each test has processes of its own. */

const never = new AbortController().signal;
const enter = (processes: string[], options: Partial<Parameters<typeof enterProcess>[1]> = {}): Promise<Stay> =>
  enterProcess(processes, { isExclusive: false, expiresAt: () => Number.POSITIVE_INFINITY, signal: never, ...options });

describe("a program", () => {
  test("goes where the fewest are", async () => {
    const stays = [await enter(["a1", "a2"]), await enter(["a1", "a2"]), await enter(["a1", "a2"])];
    expect(stays.map(({ process }) => process)).toEqual(["a1", "a2", "a1"]);
    stays[1]?.leave();
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
    first.leave();
    const alone = await exclusive;
    let hasEntered = false;
    const next = enter(["c"]).then((stay) => {
      hasEntered = true;
      return stay;
    });
    await scheduler.wait(50);
    expect(hasEntered).toBe(false);
    alone.leave();
    expect((await next).isAlone).toBe(true);
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
    expect((await enter(["e"])).isAlone).toBe(true);
  });
});

describe("the blame for a lost process", () => {
  test("is a program's that was alone in it", async () => {
    expect((await enter(["f"])).isAlone).toBe(true);
  });

  test("is nobody's when there were two, whoever notices first", { tags: ["sandbox.innocent"] }, async () => {
    const [one, other] = [await enter(["g"]), await enter(["g"])];
    one.lose();
    expect([one.isAlone, other.isAlone]).toEqual([false, false]);
    other.lose();
    expect(other.isAlone).toBe(false);
  });

  test("is not shared with a program that had ended well before", async () => {
    const [one, other] = [await enter(["h"]), await enter(["h"])];
    other.leave();
    expect(one.isAlone).toBe(true);
  });
});

describe("a renewal", () => {
  test("is due after so many programs, when the process is empty, and keeps others out meanwhile", {
    tags: ["sandbox.memory"],
  }, async () => {
    const options = { programsMax: 2, expiresAfterMs: 60_000 };
    (await enter(["i"])).leave();
    expect(enterForRenewal("i", options)).toBeUndefined();
    const second = await enter(["i"]);
    expect(enterForRenewal("i", options)).toBeUndefined();
    second.leave();
    const renewal = enterForRenewal("i", options);
    expect((await enter(["i", "other"])).process).toBe("other");
    renewal?.leave();
    expect((await enter(["i", "other"])).process).toBe("i");
    expect(enterForRenewal("i", options)).toBeUndefined();
  });
});
