import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { createAccount } from "../../../core/policy/account-counts.ts";
import { memoryRates } from "../../../core/policy/account-rates.ts";
import { policyLimits } from "../../../core/policy/policy-limits.ts";
import { verdictOf } from "../../../core/policy/rules.ts";
import { createTraffic, type Traffic } from "../../../core/policy/traffic.ts";
import { serverEntry } from "../../support/builders.ts";
import { ManualClock } from "../../support/fakes.ts";

/** A principal with sessions that share its account, as objects of their own do. */
function startPrincipal() {
  const clock = new ManualClock();
  const rates = memoryRates();
  let account = createAccount(clock, { rates });
  let requests = 0;
  const counted = new Proxy(account, {
    get: (_target, name: keyof typeof account) => {
      requests += 1;
      return account[name];
    },
  });
  return {
    clock,
    requests: () => requests,
    session: (session: string, life = "first") =>
      createTraffic({ clock, account: counted, holder: { session, life }, inBackground: () => {} }),
    /** Only what is stored is left. */
    restart() {
      account = createAccount(clock, { rates });
    },
  };
}

const never = new AbortController().signal;
const settled = () => new Promise(setImmediate);
const hub = (bounds: object) => serverEntry("hub", { limits: bounds });

async function take(traffic: Traffic, server: ReturnType<typeof hub>, count: number): Promise<number[]> {
  const waits: number[] = [];
  for (let made = 0; made < count; made++) waits.push(await traffic.takeRate(server));
  return waits;
}

describe("a server's rate", () => {
  test("is one count for all sessions of a principal, and outlasts a restart", { tags: ["policy.principal"] }, async () => {
    const principal = startPrincipal();
    const server = hub({ callsPerMinute: 5 });
    expect(await take(principal.session("a"), server, 3)).toEqual([0, 0, 0]);
    principal.restart();
    expect(await take(principal.session("b"), server, 3)).toEqual([0, 0, 12_000]);
    expect(await take(principal.session("a", "second"), server, 1)).toEqual([12_000]);
    principal.clock.advance(12_000);
    expect(await take(principal.session("c"), server, 2)).toEqual([0, 12_000]);
  });

  test("is asked for about once in a hundred calls, and never while it is used up", async () => {
    const principal = startPrincipal();
    const session = principal.session("a");
    await take(session, hub({ callsPerMinute: 12_000 }), 1_000);
    expect(principal.requests()).toBe(9);
    await take(session, serverEntry("other", { limits: { callsPerMinute: 1 } }), 100);
    expect(principal.requests()).toBe(11);
  });

  test("is never exceeded by many sessions at once", { tags: ["policy.principal"] }, async () => {
    const principal = startPrincipal();
    const server = hub({ callsPerMinute: 500 });
    const sessions = Array.from({ length: 20 }, (_, n) => principal.session(`s${n}`));
    const waits = (await Promise.all(sessions.map((session) => take(session, server, 50)))).flat();
    const passed = waits.filter((wait) => wait === 0).length;
    expect(passed).toBeLessThanOrEqual(500);
    expect(passed).toBeGreaterThan(450);
  });

  test("that a session took and did not use is lost after a minute, not saved", async () => {
    const principal = startPrincipal();
    const session = principal.session("a");
    const server = hub({ callsPerMinute: 1_000 });
    await take(session, server, 1);
    principal.clock.advance(policyLimits.rateLeaseMs);
    const before = principal.requests();
    await take(session, server, 1);
    expect(principal.requests()).toBe(before + 1);
  });
});

describe("the places at a server", () => {
  /** Holds places until they are disposed; how many there are shows in the list. */
  async function hold(traffic: Traffic, server: ReturnType<typeof hub>, count: number) {
    const held: Disposable[] = [];
    for (let made = 0; made < count; made++) {
      void traffic.takePlace(server, never).then((place) => held.push(place), verdictOf);
    }
    await settled();
    return held;
  }

  test("are shared by all sessions: one more waits until any call ends", { tags: ["policy.principal"] }, async () => {
    const principal = startPrincipal();
    const server = hub({ concurrency: 3 });
    const first = await hold(principal.session("a"), server, 2);
    const second = await hold(principal.session("b"), server, 2);
    expect([first.length, second.length]).toEqual([2, 1]);
    first.pop()?.[Symbol.dispose]();
    await settled();
    expect(second).toHaveLength(2);
  });

  test("are given up to a session that waits, however many calls of another wait", async () => {
    const principal = startPrincipal();
    const server = hub({ concurrency: 4 });
    const greedy = await hold(principal.session("a"), server, 100);
    expect(greedy).toHaveLength(4);
    const modest = await hold(principal.session("b"), server, 1);
    expect(modest).toHaveLength(0);
    greedy.shift()?.[Symbol.dispose]();
    await settled();
    expect(modest).toHaveLength(1);
  });

  test("that are not used go back after a moment", async () => {
    const principal = startPrincipal();
    const server = hub({ concurrency: 8 });
    for (const place of await hold(principal.session("a"), server, 8)) place[Symbol.dispose]();
    expect(await hold(principal.session("b"), server, 8)).toHaveLength(6);
    principal.clock.advance(policyLimits.idlePlaceMs);
    await settled();
    const third = await hold(principal.session("c"), server, 1);
    expect(third).toHaveLength(0);
  });

  test("that a session keeps for later go back although it uses others without end", { tags: ["policy.principal"] }, async () => {
    const principal = startPrincipal();
    const server = hub({ concurrency: 8 });
    const busy = principal.session("a");
    using _run = await busy.enterRun(never);
    const use = async () => (await busy.takePlace(server, never))[Symbol.dispose]();
    await use();
    const other = await hold(principal.session("b"), server, 8);
    expect(other.length).toBeLessThan(7);
    for (let passed = 0; passed <= 2 * policyLimits.idlePlaceMs; passed += 100) {
      await use();
      principal.clock.advance(100);
      await settled();
    }
    expect(other.length).toBeGreaterThanOrEqual(7);
  });

  test("of a session that started anew are free at once, and of one that is gone after a while", {
    tags: ["policy.principal"],
  }, async () => {
    const principal = startPrincipal();
    const server = hub({ concurrency: 1 });
    await hold(principal.session("a"), server, 1);
    expect(await hold(principal.session("a", "second"), server, 1)).toHaveLength(1);
    const other = await hold(principal.session("b"), server, 1);
    expect(other).toHaveLength(0);
    for (let asked = 0; asked < 2; asked++) {
      principal.clock.advance(policyLimits.placeAskMs);
      await settled();
    }
    expect(other).toHaveLength(1);
  });

  test("of a long call stay taken while its run says so", async () => {
    const principal = startPrincipal();
    const server = hub({ concurrency: 1 });
    const session = principal.session("a");
    using _run = await session.enterRun(never);
    await hold(session, server, 1);
    const other = await hold(principal.session("b"), server, 1);
    for (let passed = 0; passed < policyLimits.callsQueuedMs - 1_000; passed += 1_000) {
      principal.clock.advance(1_000);
      await settled();
    }
    expect(other).toHaveLength(0);
  });

  test("are waited for in a bounded queue with a deadline", { tags: ["policy.verdict"] }, async () => {
    const principal = startPrincipal();
    const server = hub({ concurrency: 1 });
    const session = principal.session("a");
    await hold(session, server, 1);
    const late = session.takePlace(server, never).catch(verdictOf);
    await hold(session, server, policyLimits.callsQueuedMax - 1);
    const refused = { rule: "limits.concurrency", limit: 1, retryAfterMs: 1_000 };
    expect(await session.takePlace(server, never).catch(verdictOf)).toEqual(refused);
    principal.clock.advance(policyLimits.callsQueuedMs);
    expect(await late).toEqual(refused);
  });
});

describe("the runs of a principal", () => {
  test("are counted in all its sessions together", { tags: ["policy.principal", "policy.verdict"] }, async () => {
    const principal = startPrincipal();
    let started = 0;
    let refused: unknown;
    for (let n = 0; refused === undefined; n++) {
      await principal
        .session(`s${n % 3}`, `${n}`)
        .enterRun(never)
        .then(
          (run) => {
            started += 1;
            run[Symbol.dispose]();
          },
          (error: unknown) => {
            refused = verdictOf(error);
          },
        );
    }
    expect(started).toBeLessThanOrEqual(policyLimits.runsPerMinute);
    expect(refused).toEqual({ rule: "runsPerMinute", limit: policyLimits.runsPerMinute, retryAfterMs: 10 });
  });

  /** Starts runs, of which those that have a place show in the list. */
  async function start(traffic: Traffic, count: number) {
    const runs: Disposable[] = [];
    const refused: unknown[] = [];
    for (let made = 0; made < count; made++) {
      void traffic.enterRun(never).then(
        (run) => runs.push(run),
        (error: unknown) => refused.push(verdictOf(error)),
      );
    }
    await settled();
    return { runs, refused };
  }

  test("at once are those of all its sessions together: one more waits until any ends", {
    tags: ["policy.principal", "policy.verdict"],
  }, async () => {
    const principal = startPrincipal();
    const { runsAtOnce, runsQueuedMs, placeRenewalMs } = policyLimits;
    const sessions = await Promise.all(
      Array.from({ length: runsAtOnce / limits.runsAtOnce }, (_, n) => start(principal.session(`s${n}`), limits.runsAtOnce)),
    );
    expect(sessions.flatMap(({ runs }) => runs)).toHaveLength(runsAtOnce);
    const late = await start(principal.session("late"), 2);
    // Sessions say what they hold, so that an account that was restarted knows it too.
    principal.restart();
    for (let passed = 0; passed < runsQueuedMs; passed += placeRenewalMs) {
      principal.clock.advance(placeRenewalMs);
      await settled();
      if (passed === 0) expect(late.runs).toEqual([]);
      if (passed === 0) sessions[0]?.runs[0]?.[Symbol.dispose]();
    }
    expect(late.runs).toHaveLength(1);
    expect(late.refused).toEqual([{ rule: "runsAtOnce", limit: runsAtOnce, retryAfterMs: 1_000 }]);
  });

  test("are given up to a session that waits, however many of another wait", { tags: ["policy.principal"] }, async () => {
    const principal = startPrincipal();
    const greedy = await Promise.all(
      Array.from({ length: policyLimits.runsAtOnce / limits.runsAtOnce }, (_, n) => start(principal.session(`s${n}`), 20)),
    );
    const modest = await start(principal.session("modest"), 1);
    expect(modest.runs).toEqual([]);
    greedy[0]?.runs.shift()?.[Symbol.dispose]();
    await settled();
    expect(modest.runs).toHaveLength(1);
  });

  test("one after another ask the account about once in sixty", async () => {
    const principal = startPrincipal();
    const session = principal.session("a");
    for (let made = 0; made < 120; made++) (await session.enterRun(never))[Symbol.dispose]();
    expect(principal.requests()).toBeLessThanOrEqual(4);
  });

  test("of one session wait in a bounded queue with a deadline", { tags: ["policy.verdict"] }, async () => {
    const principal = startPrincipal();
    const session = principal.session("a");
    const eight = await Promise.all(Array.from({ length: 8 }, () => session.enterRun(never)));
    const late = session.enterRun(never).catch(verdictOf);
    await settled();
    principal.clock.advance(policyLimits.runsQueuedMs);
    expect(await late).toEqual({ rule: "runsAtOnce", limit: 8, retryAfterMs: 1_000 });
    const next = session.enterRun(never);
    await settled();
    eight[0]?.[Symbol.dispose]();
    (await next)[Symbol.dispose]();
  });

  /** Each session starts one run after another, which takes a tenth of a second. Returns how many each has ended. */
  async function loop(principal: ReturnType<typeof startPrincipal>, { sessions, ms }: { sessions: number; ms: number }) {
    const ended = Array.from({ length: sessions }, () => 0);
    let isOver = false;
    for (let index = 0; index < sessions; index++) {
      const session = principal.session(`s${index}`);
      void (async () => {
        while (!isOver) {
          using _run = await session.enterRun(never);
          await new Promise<void>((resolve) => void principal.clock.after(100, resolve));
          ended[index] = (ended[index] ?? 0) + 1;
        }
      })();
    }
    for (let passed = 0; passed < ms; passed += 20) {
      await settled();
      principal.clock.advance(20);
    }
    isOver = true;
    return ended;
  }

  test("are shared by forty sessions that never rest: none waits for long", { tags: ["policy.principal"] }, async () => {
    const ended = await loop(startPrincipal(), { sessions: 40, ms: 2_000 });
    expect(Math.min(...ended)).toBeGreaterThanOrEqual(10);
  });

  test("go around where more sessions never rest than there are places", { tags: ["policy.principal"] }, async () => {
    const sessions = policyLimits.runsAtOnce + 30;
    const ended = await loop(startPrincipal(), { sessions, ms: 10_000 });
    expect(Math.min(...ended)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...ended)).toBeLessThanOrEqual(100);
  });
});
