import { expect, test } from "vitest";
import type { Account } from "../../../core/policy/account.ts";
import { createAccount } from "../../../core/policy/account-counts.ts";
import { memoryHoldings } from "../../../core/policy/account-holdings.ts";
import { policyLimits } from "../../../core/policy/policy-limits.ts";
import { verdictOf } from "../../../core/policy/rules.ts";
import { SessionHoldings } from "../../../core/policy/session-holdings.ts";
import { ManualClock } from "../../support/fakes.ts";

const { fileBytesMax, fileBytesStep, sandboxesMax, holdingsSlackMs } = policyLimits;
const idleMs = 60_000;
const settled = () => new Promise(setImmediate);

function startPrincipal() {
  const clock = new ManualClock();
  const stored = memoryHoldings();
  let account: Account = createAccount(clock, { holdings: stored });
  let asked = 0;
  return {
    clock,
    stored,
    asked: () => asked,
    restart() {
      account = createAccount(clock, { holdings: stored });
    },
    session(session: string) {
      const kept = { fileBytes: 0, sandboxes: 0 };
      const holdings = new SessionHoldings({
        account: {
          hold(of, wanted) {
            asked += 1;
            return account.hold(of, wanted);
          },
        },
        session,
        measure: () => ({ ...kept, until: clock.now() + idleMs }),
        inBackground: () => {},
      });
      return {
        kept,
        holdings,
        async write(bytes: number) {
          using _room = await holdings.roomFor(bytes);
          kept.fileBytes += bytes;
        },
        async start() {
          using _room = await holdings.roomForSandbox();
          kept.sandboxes += 1;
        },
      };
    },
  };
}

test("files are taken up to the last byte of all sessions together, and what one gives back another may take", {
  tags: ["policy.holdings"],
}, async () => {
  const principal = startPrincipal();
  const [one, two] = [principal.session("one"), principal.session("two")];
  await one.write(fileBytesMax - fileBytesStep);
  await two.write(fileBytesStep - 100);
  await two.write(100);
  const refused = { rule: "fileBytes", limit: fileBytesMax };
  expect(await two.write(1).catch(verdictOf)).toEqual(refused);
  principal.restart();
  expect(await principal.session("three").write(1).catch(verdictOf)).toEqual(refused);
  one.kept.fileBytes -= fileBytesStep;
  one.holdings.settle(false);
  await settled();
  await two.write(fileBytesStep);
  expect(await two.write(1).catch(verdictOf)).toEqual(refused);
});

test("many writes of many sessions at once never exceed the sum", { tags: ["policy.holdings"] }, async () => {
  const principal = startPrincipal();
  const sessions = Array.from({ length: 20 }, (_, n) => principal.session(`s${n}`));
  const piece = fileBytesMax / 128;
  await Promise.allSettled(sessions.flatMap((session) => Array.from({ length: 10 }, () => session.write(piece))));
  const sum = sessions.reduce((bytes, { kept }) => bytes + kept.fileBytes, 0);
  expect(sum).toBeLessThanOrEqual(fileBytesMax);
  expect(sum).toBeGreaterThan(fileBytesMax - 3 * piece);
});

test("the account is asked once for each step of bytes, and not at each write", async () => {
  const principal = startPrincipal();
  const session = principal.session("one");
  for (let n = 0; n < 100; n++) await session.write(fileBytesStep / 64);
  expect(principal.asked()).toBe(2);
});

test("sandboxes are counted in all sessions, a stopped one makes room, and one of a session that is gone does so when it has expired", {
  tags: ["policy.holdings"],
}, async () => {
  const principal = startPrincipal();
  const [one, two] = [principal.session("one"), principal.session("two")];
  const outcomes = await Promise.allSettled(Array.from({ length: sandboxesMax + 5 }, (_, n) => (n % 2 ? one : two).start()));
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(5);
  expect(await one.start().catch(verdictOf)).toEqual({ rule: "sandboxes", limit: sandboxesMax });
  two.kept.sandboxes -= 1;
  two.holdings.report();
  await one.start();
  expect(await one.start().catch(verdictOf)).toMatchObject({ rule: "sandboxes" });
  principal.clock.advance(idleMs + holdingsSlackMs);
  await principal.session("three").start();
  expect([...principal.stored.all()]).toMatchObject([["three", { sandboxes: 1 }]]);
});

test("what is used lasts, and a deleted session keeps nothing", async () => {
  const principal = startPrincipal();
  const session = principal.session("one");
  await session.start();
  principal.clock.advance(holdingsSlackMs);
  session.holdings.used();
  await settled();
  expect(principal.asked()).toBe(1);
  principal.clock.advance(1);
  session.holdings.used();
  await settled();
  expect([...principal.stored.all()]).toEqual([
    ["one", { fileBytes: 0, sandboxes: 1, until: principal.clock.now() + idleMs + holdingsSlackMs }],
  ]);
  await session.holdings.end();
  expect([...principal.stored.all()]).toEqual([]);
});
