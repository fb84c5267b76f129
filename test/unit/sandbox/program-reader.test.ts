import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import type { Reading, ReadRequest } from "../../../core/program/reader.ts";
import {
  type CompilerBinding,
  type CompilerProcess,
  createProgramReader,
} from "../../../worker/sandbox/compiler/program-reader.ts";
import { takeTurn } from "../../../worker/sandbox/compiler/turns.ts";
import { ManualClock } from "../../support/fakes.ts";

/* The compiler is a fake whose answers the tests give, and the clock is moved by hand. */

const tooComplex = { code: "compile_limit", message: expect.stringContaining(`within ${limits.readMs / 1_000} s`) };
const never = new AbortController().signal;

function request(name: string): ReadRequest {
  const entry = `${name}.ts`;
  return { entry, sources: { [entry]: "" }, language: "ts", allowed: [], registered: [], listings: [] };
}

/** When the tests before this one ended: the reader remembers across sessions when the compiler last answered. */
let startsAt = 1_000_000;

function world({ ready = async () => {} }: { ready?: () => Promise<unknown> } = {}) {
  startsAt += 60 * 60_000;
  const clock = new ManualClock(startsAt);
  /** The programs that arrived at the compiler, in order. */
  const arrived: string[] = [];
  const answers = new Map<string, PromiseWithResolvers<unknown>>();
  const replaced: number[] = [];
  const endings: string[] = [];
  /** What the process has computed each time that somebody asks. */
  const computed: number[] = [];
  const binding: CompilerBinding = {
    ready,
    read({ entry }) {
      arrived.push(entry.replace(".ts", ""));
      const answer = Promise.withResolvers<unknown>();
      answers.set(arrived.at(-1) ?? "", answer);
      return answer.promise;
    },
  };
  const process: CompilerProcess = {
    ensure: async () => {},
    async replace(since) {
      replaced.push(since);
    },
    computedSince: async () => computed.shift(),
    endingOf: async () => endings.shift(),
  };
  const session = (parts: { process?: undefined } = {}) => createProgramReader({ binding, process, clock, ...parts });
  /** Lets time pass, with everything that happens meanwhile. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      await settled();
      clock.advance(Math.min(50, ms - passed));
    }
    await settled();
  }
  const answer = (name: string, value: unknown = ready1(name)) => answers.get(name)?.resolve(value);
  const lose = (name: string) => answers.get(name)?.reject(new Error("Network connection lost."));
  return { clock, arrived, replaced, endings, computed, session, pass, answer, lose };
}

/** All that can happen without time passing. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function ready1(name: string): Reading {
  const program = { entry: `${name}.ts`, modules: {}, links: {}, isTraceless: true };
  return { kind: "ready", program, servers: [], hasResult: true, positions: {}, isChecked: true };
}

/** The reading, or the error, without waiting for it to be handled. */
function outcome(reading: Promise<Reading>): Promise<unknown> {
  return reading.catch((error: unknown) => error);
}

describe("a program that the compiler never finishes", () => {
  test("ends at the deadline, and the process is replaced", { tags: ["sandbox.compiler"] }, async () => {
    const { session, pass, replaced, clock } = world();
    const reading = outcome(session().read(request("endless"), never));
    const askedAt = clock.now();
    await pass(limits.readMs - 50);
    expect(replaced).toEqual([]);
    await pass(50);
    expect(await reading).toMatchObject(tooComplex);
    expect(replaced).toEqual([askedAt]);
  });

  test("holds up those of other sessions until then, which are read after it", { tags: ["sandbox.compiler"] }, async () => {
    const { session, pass, arrived, answer } = world();
    const endless = outcome(session().read(request("endless"), never));
    await pass(100);
    const honest = session().read(request("honest"), never);
    await pass(limits.readMs - 200);
    expect(arrived).toEqual(["endless"]);
    await pass(300);
    expect(arrived).toEqual(["endless", "honest"]);
    answer("honest");
    expect(await honest).toMatchObject({ kind: "ready" });
    expect(await endless).toMatchObject(tooComplex);
  });

  test("holds them up once, however many its session sends", async () => {
    const { session, pass, arrived, answer } = world();
    const hostile = session();
    const endless = [1, 2, 3].map((n) => outcome(hostile.read(request(`endless${n}`), never)));
    await pass(100);
    const honest = session().read(request("honest"), never);
    await pass(limits.readMs);
    expect(arrived).toEqual(["endless1", "honest"]);
    answer("honest");
    await honest;
    await pass(2 * limits.readMs + 200);
    expect(await Promise.all(endless)).toMatchObject([tooComplex, tooComplex, tooComplex]);
  });

  test("holds up a session at work once, however many new sessions send one", { tags: ["sandbox.compiler"] }, async () => {
    const { session, pass, arrived, answer } = world();
    const atWork = session();
    const first = atWork.read(request("first"), never);
    await pass(50);
    answer("first");
    await first;
    const endless = [1, 2, 3, 4].map((n) => outcome(session().read(request(`endless${n}`), never)));
    await pass(100);
    const honest = atWork.read(request("honest"), never);
    await pass(limits.readMs);
    expect(arrived).toEqual(["first", "endless1", "honest"]);
    answer("honest");
    await honest;
    await pass(4 * limits.readMs);
    expect(await Promise.all(endless)).toMatchObject(endless.map(() => tooComplex));
  });

  test("holds up sessions at work once, however long new sessions have waited with one", {
    tags: ["sandbox.compiler"],
  }, async () => {
    const { session, pass, arrived, answer } = world();
    const atWork = [session(), session()];
    for (const [at, one] of atWork.entries()) {
      const first = one.read(request(`first${at}`), never);
      await pass(50);
      answer(`first${at}`);
      await first;
    }
    const endless = [1, 2, 3].map((n) => outcome(session().read(request(`endless${n}`), never)));
    await pass(100);
    const filler = atWork[0]?.read(request("filler"), never);
    await pass(limits.readMs);
    answer("filler");
    await filler;
    await pass(200);
    // By now, the others have waited for longer than those that arrive are put before them.
    const honest = atWork.map((one, at) => one.read(request(`honest${at}`), never));
    await pass(limits.readMs + 100);
    expect(arrived).toEqual(["first0", "first1", "endless1", "filler", "endless2", "honest0"]);
    answer("honest0");
    await pass(100);
    expect(arrived.at(-1)).toBe("honest1");
    answer("honest1");
    await Promise.all(honest);
    await pass(3 * limits.readMs);
    expect(await Promise.all(endless)).toMatchObject(endless.map(() => tooComplex));
  });

  test("holds up a session at work once, however many others at work save one, and take just not too long", {
    tags: ["sandbox.compiler"],
  }, async () => {
    const { session, pass, arrived, answer } = world();
    const all = [1, 2, 3, 4].map(() => session());
    for (const [at, one] of all.entries()) {
      const first = one.read(request(`first${at}`), never);
      await pass(50);
      answer(`first${at}`);
      await first;
    }
    const [atWork, ...others] = all;
    const save = (name: string) => ({ ...request(name), signature: { input: true, output: true } });
    const slow = others.map((one, at) => one.read(save(`slow${at}`), never));
    await pass(3_000);
    const honest = atWork?.read(request("honest"), never);
    answer("slow0");
    await pass(100);
    expect(arrived.slice(4)).toEqual(["slow0", "honest"]);
    answer("honest");
    await honest;
    await pass(3_000);
    // What is no saving is late too, in a session that has held up others.
    const again = others[0]?.read(request("again"), never);
    await pass(50);
    const next = atWork?.read(request("next"), never);
    answer("slow1");
    await pass(100);
    expect(arrived.slice(6)).toEqual(["slow1", "next"]);
    for (const name of ["next", "slow2", "again"]) {
      answer(name);
      await pass(100);
    }
    await Promise.all([...slow, again, next]);
    expect(arrived.slice(8)).toEqual(["slow2", "again"]);
  });

  test("puts its session behind those that arrive soon after", async () => {
    const { session, pass, arrived, answer } = world();
    const hostile = session();
    const busy = session();
    const first = outcome(hostile.read(request("endless"), never));
    await pass(limits.readMs + 50);
    expect(await first).toMatchObject(tooComplex);
    const held = busy.read(request("busy"), never);
    await pass(50);
    const again = outcome(hostile.read(request("again"), never));
    await pass(50);
    const honest = session().read(request("honest"), never);
    await pass(50);
    answer("busy");
    await held;
    await pass(50);
    expect(arrived).toEqual(["endless", "busy", "honest"]);
    answer("honest");
    await honest;
    await pass(50);
    answer("again");
    expect(await again).toMatchObject({ kind: "ready" });
  });

  test("keeps its turn when its run is cancelled, so that no other is blamed", async () => {
    const { session, pass, arrived, replaced } = world();
    const cancelled = new AbortController();
    const endless = outcome(session().read(request("endless"), cancelled.signal));
    await pass(100);
    cancelled.abort();
    void outcome(session().read(request("honest"), never));
    await pass(100);
    expect(arrived).toEqual(["endless"]);
    await pass(limits.readMs);
    expect(await endless).toMatchObject(tooComplex);
    expect(replaced.length).toBe(1);
    expect(arrived).toEqual(["endless", "honest"]);
  });
});

describe("a program whose process hardly computes, because the machine is busy or stood still", () => {
  test("has as much time again", { tags: ["sandbox.compiler"] }, async () => {
    const { session, pass, replaced, computed, answer } = world();
    computed.push(100);
    const reading = session().read(request("starved"), never);
    await pass(2 * limits.readMs - 50);
    expect(replaced).toEqual([]);
    answer("starved");
    expect(await reading).toMatchObject({ kind: "ready" });
  });

  test("is not at fault when that is not enough", { tags: ["sandbox.compiler"] }, async () => {
    const { session, pass, replaced, computed } = world();
    computed.push(100, 200);
    const reading = outcome(session().read(request("starved"), never));
    await pass(2 * limits.readMs);
    expect(await reading).toMatchObject({ code: "server_unavailable", message: expect.stringContaining("Run it again") });
    expect(replaced.length).toBe(1);
  });

  test("is at fault when it computes then, or has computed before", { tags: ["sandbox.compiler"] }, async () => {
    const { session, pass, computed } = world();
    computed.push(100, limits.readMs);
    const late = outcome(session().read(request("late"), never));
    await pass(2 * limits.readMs);
    expect(await late).toMatchObject(tooComplex);
    computed.push(limits.readMs / 2);
    const early = outcome(session().read(request("early"), never));
    await pass(limits.readMs);
    expect(await early).toMatchObject(tooComplex);
  });
});

test("a cancelled run leaves the queue", async () => {
  const { session, pass, arrived, answer } = world();
  const first = session().read(request("first"), never);
  await pass(50);
  const cancelled = new AbortController();
  const second = outcome(session().read(request("second"), cancelled.signal));
  const third = session().read(request("third"), never);
  await pass(50);
  cancelled.abort();
  answer("first");
  await first;
  await pass(50);
  expect(await second).toMatchObject({ name: "AbortError" });
  expect(arrived).toEqual(["first", "third"]);
  answer("third");
  await third;
});

test("a turn whose session was evicted ends by itself", async () => {
  const { clock, pass } = world();
  const turn = await takeTurn(clock, { penaltyMs: 0, signal: never });
  turn.lastsAtMost(1_000);
  let isOver = false;
  const next = takeTurn(clock, { penaltyMs: 0, signal: never }).then((following) => {
    isOver = true;
    return following;
  });
  await pass(1_000);
  expect(isOver).toBe(false);
  await pass(100);
  expect(isOver).toBe(true);
  (await next)[Symbol.dispose]();
});

describe("a compiler that is starting", () => {
  test("is waited for, and the program has all its time after that", async () => {
    const started = Promise.withResolvers<void>();
    const { session, pass, arrived, answer, replaced } = world({ ready: () => started.promise });
    const reading = session().read(request("patient"), never);
    await pass(2 * limits.readMs);
    expect(arrived).toEqual([]);
    started.resolve();
    await pass(limits.readMs - 100);
    answer("patient");
    expect(await reading).toMatchObject({ kind: "ready" });
    expect(replaced).toEqual([]);
  });

  test("is asked again while it cannot be reached", async () => {
    let asked = 0;
    const ready = async () => {
      asked += 1;
      if (asked < 3) throw new Error("connection refused");
    };
    const { session, pass, answer } = world({ ready });
    const reading = session().read(request("patient"), never);
    await pass(500);
    answer("patient");
    expect(await reading).toMatchObject({ kind: "ready" });
  });

  test("is given up on after its own limit, with the next step", async () => {
    const { session, pass, replaced } = world({ ready: () => new Promise(() => {}) });
    const reading = outcome(session().read(request("patient"), never));
    await pass(limits.compilerStartMs + 200);
    expect(await reading).toMatchObject({ code: "server_unavailable", message: expect.stringContaining("Run it again") });
    expect(replaced.length).toBe(1);
  });
});

describe("a process that is lost while it reads a program", () => {
  test("is not the program's fault the first time", async () => {
    const { session, pass, arrived, answer, lose, endings } = world();
    endings.push("crash");
    const reading = session().read(request("lost"), never);
    await pass(50);
    lose("lost");
    await pass(50);
    expect(arrived).toEqual(["lost", "lost"]);
    answer("lost");
    expect(await reading).toMatchObject({ kind: "ready" });
  });

  test("is, the second time", { tags: ["sandbox.compiler"] }, async () => {
    const { session, pass, lose, endings } = world();
    endings.push("memory", "memory");
    const reading = outcome(session().read(request("lost"), never));
    for (let loss = 0; loss < 2; loss++) {
      await pass(50);
      lose("lost");
    }
    expect(await reading).toMatchObject({
      code: "compile_limit",
      message: expect.stringContaining(`${limits.compilerMemoryMiB} MiB`),
    });
  });

  test("but had ended before it was asked, reads it once it runs again", async () => {
    const { session, pass, arrived, answer, lose } = world();
    const reading = session().read(request("lost"), never);
    await pass(50);
    lose("lost");
    await pass(50);
    expect(arrived).toEqual(["lost", "lost"]);
    answer("lost");
    expect(await reading).toMatchObject({ kind: "ready" });
  });

  test("but still runs, each time, is a broken compiler", async () => {
    const { session, pass, lose } = world();
    const reading = outcome(session().read(request("lost"), never));
    for (let loss = 0; loss < 2; loss++) {
      await pass(50);
      lose("lost");
    }
    expect(await reading).toMatchObject({ code: "server_unavailable", message: expect.stringContaining("Nothing was called") });
  });
});

describe("in a deployment", () => {
  test.each([
    ["cpu", tooComplex],
    ["memory", { code: "compile_limit" }],
  ])("the platform ends the compiler's isolate over its limit of %s", async (limit, expected) => {
    const { session, pass, answer } = world();
    const reading = outcome(session({ process: undefined }).read(request("endless"), never));
    await pass(50);
    answer("endless", { kind: "exceeded", limit });
    expect(await reading).toMatchObject(expected);
  });
});
