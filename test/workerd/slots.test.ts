import { describe, expect, test } from "vitest";
import { type Lease, leaseForRenewal, leaseProcess } from "../../worker/sandbox/slots.ts";

/* Which process a program gets, and which program is blamed for a lost process. Each test has its own process names. */

const never = new AbortController().signal;
const later = () => Date.now() + 5_000;

type Options = Partial<Parameters<typeof leaseProcess>[1]>;

/** Leases a process for a program that arrives in it. Each program is of a session of its own, unless one is given. */
async function enter(processes: string[], options: Options = {}): Promise<Lease> {
  const lease = await tryToEnter(processes, { until: later(), ...options });
  if (lease === undefined) throw new Error("no process was free in time");
  lease.arrive();
  return lease;
}

function tryToEnter(processes: string[], options: Options & { until: number }): Promise<Lease | undefined> {
  const defaults = { session: {}, company: "anyone", expiresAt: () => Number.POSITIVE_INFINITY, signal: never } as const;
  return leaseProcess(processes, { ...defaults, ...options });
}

const alone = { company: "nobody" } as const;

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
    expect(frozen.isBetterElsewhere(["b1", "b2"])).toBe(true);
    expect([await enter(["b1", "b2"]), await enter(["b1", "b2"])].map(({ process }) => process)).toEqual(["b2", "b2"]);
    expect((await enter(["b1"])).process).toBe("b1");
    expect(frozen.isBetterElsewhere(["b1"])).toBe(false);
    frozen.sawAnswer(true);
    expect(frozen.isBetterElsewhere(["b1", "b2"])).toBe(false);
    expect((await enter(["b1", "b2"])).process).toBe("b1");
  });

  test("avoids a process that the last program has left because it did not answer", async () => {
    const frozen = await enter(["s1", "s2"]);
    expect(frozen.process).toBe("s1");
    frozen.sawAnswer(false);
    frozen.lose();
    expect((await enter(["s1", "s2"])).process).toBe("s2");
    frozen.sawAnswer(true);
    expect((await enter(["s1", "s2"])).process).toBe("s1");
  });

  test("that nobody waits for keeps its lease while its process is watched", async () => {
    const left = await enter(["t"], { ...alone, expiresAt: () => Date.now() - 1 });
    left.sawAnswer(false);
    expect(await tryToEnter(["t"], { until: Date.now() })).toBeUndefined();
    left.release();
    expect((await enter(["t"])).wasAlone).toBe(true);
  });

  test("that runs alone waits for an empty process, which then admits no other program", async () => {
    const first = await enter(["c"]);
    const exclusive = enter(["c"], alone);
    first.release();
    const only = await exclusive;
    let hasEntered = false;
    const next = enter(["c"]).then((lease) => {
      hasEntered = true;
      return lease;
    });
    await scheduler.wait(50);
    expect(hasEntered).toBe(false);
    only.release();
    expect((await next).wasAlone).toBe(true);
  });

  test("stops waiting when it is cancelled", async () => {
    await enter(["d"]);
    const cancel = new AbortController();
    const waiting = enter(["d"], { ...alone, signal: cancel.signal });
    cancel.abort();
    await expect(waiting).rejects.toThrow();
  });

  test("of an evicted session loses its lease when that expires", async () => {
    await enter(["e"], { ...alone, expiresAt: () => Date.now() - 1 });
    expect((await enter(["e"])).wasAlone).toBe(true);
  });
});

describe("a program that runs alone", { tags: ["sandbox.fair"] }, () => {
  test("waits no longer than until its time", async () => {
    await enter(["j"]);
    const from = Date.now();
    expect(await tryToEnter(["j"], { ...alone, until: from + 60 })).toBeUndefined();
    expect(Date.now() - from).toBeLessThan(1_000);
  });

  test("gets a process that newcomers no longer enter, so that it empties", async () => {
    const processes = ["k1", "k2"];
    const [one, other] = [await enter(processes), await enter(processes)];
    const exclusive = enter(processes, alone);
    await scheduler.wait(30);
    // The other process takes everybody meanwhile.
    expect([await enter(processes), await enter(processes)].map(({ process }) => process)).toEqual(["k1", "k1"]);
    one.release();
    other.release();
    expect((await exclusive).process).toBe("k2");
  });

  test("never closes the last process that is open", async () => {
    const processes = ["l1", "l2"];
    const first = await enter(processes, alone);
    const second = enter(processes, alone);
    await scheduler.wait(30);
    expect((await enter(processes)).process).toBe("l1");
    first.release();
    expect((await second).process).toBe("l2");
  });

  test("comes in its turn: in order, and one session after another", async () => {
    const first = await enter(["m"], alone);
    const order: string[] = [];
    const busy = {};
    const queue = [
      ["busy 1", busy],
      ["busy 2", busy],
      ["busy 3", busy],
      ["quiet", {}],
    ] as const;
    const all = queue.map(async ([name, session]) => {
      const lease = await enter(["m"], { ...alone, session });
      order.push(name);
      lease.release();
    });
    await scheduler.wait(30);
    first.release();
    await Promise.all(all);
    expect(order).toEqual(["busy 1", "quiet", "busy 2", "busy 3"]);
  });

  test("is not overtaken for ever where there is one process", async () => {
    const first = await enter(["n"]);
    const exclusive = enter(["n"], alone);
    await scheduler.wait(30);
    let hasOvertaken = false;
    const newcomer = enter(["n"]).then((lease) => {
      hasOvertaken = true;
      return lease;
    });
    await scheduler.wait(30);
    expect(hasOvertaken).toBe(false);
    first.release();
    (await exclusive).release();
    await newcomer;
  });
});

describe("a program that runs apart from other sessions", { tags: ["sandbox.fair"] }, () => {
  test("shares a process with its own session only", async () => {
    const processes = ["o1", "o2"];
    const session = {};
    const apart = { company: "session", session } as const;
    const own = [await enter(processes, apart), await enter(processes, apart)];
    expect(own.map(({ process }) => process)).toEqual(["o2", "o2"]);
    expect((await enter(processes)).process).toBe("o1");
    expect(await tryToEnter(processes, { company: "session", until: Date.now() + 30 })).toBeUndefined();
  });
});

describe("while processes are lost", { tags: ["sandbox.fair"] }, () => {
  test("trusted programs leave the last process to those that are doubted, which enter no other", async () => {
    const processes = ["p1", "p2"];
    const leases = [await enter(processes, { standing: "trusted" }), await enter(processes, { standing: "trusted" })];
    leases.push(await enter(processes, { standing: "doubted" }));
    expect(leases.map(({ process }) => process)).toEqual(["p1", "p1", "p2"]);
    leases[2]?.sawAnswer(false);
    expect((await enter(processes, { standing: "doubted" })).process).toBe("p2");
  });

  test("a doubted program waits for the last process, and one that is not known enters another after a moment", async () => {
    const processes = ["q1", "q2"];
    const exclusive = await enter(processes, { ...alone, standing: "doubted" });
    expect(exclusive.process).toBe("q2");
    expect(await tryToEnter(processes, { standing: "doubted", until: Date.now() + 100 })).toBeUndefined();
    expect((await enter(processes, { standing: "unknown" })).process).toBe("q1");
    exclusive.release();
    expect((await enter(processes, { standing: "unknown" })).process).toBe("q2");
  });

  test("a program that runs alone takes the last process, and one that is trusted comes first", async () => {
    const processes = ["r1", "r2"];
    const first = await enter(processes, alone);
    const order: string[] = [];
    const all = (["doubted", "unknown", "trusted"] as const).map(async (standing) => {
      const lease = await enter(processes, { ...alone, standing });
      order.push(`${standing} in ${lease.process}`);
      lease.release();
    });
    // Somebody comes, so that the first process stays open.
    await enter(processes, { standing: "trusted" });
    first.release();
    await Promise.all(all);
    expect(order).toEqual(["trusted in r2", "doubted in r2", "unknown in r2"]);
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

  test("does not fall on a program that had not arrived, nor spare one that others were on their way to", async () => {
    const one = await enter(["p"]);
    const onItsWay = await tryToEnter(["p"], { until: later() });
    expect(one.wasAlone).toBe(true);
    onItsWay?.arrive();
    expect(one.wasAlone).toBe(false);
    expect(onItsWay?.suspects).toBe(2);
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
