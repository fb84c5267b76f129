import { createHash } from "node:crypto";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { ApprovalDesk } from "../../../core/run/approval-desk.ts";
import { approvalLimits } from "../../../core/run/approval-limits.ts";
import type { Outcome } from "../../../core/run/outcome.ts";
import { PausedRuns } from "../../../core/run/paused-runs.ts";
import type { RunDesk } from "../../../core/run/run-desk.ts";
import { ManualClock, memoryStore } from "../../support/fakes.ts";

/* How long a run waits for a person, in a process and without one, and what its client is told meanwhile. */

const reason = { rule: "sensitivity", limit: "high" } as const;
const settled = () => new Promise((resolve) => setImmediate(resolve));

interface FakeRun {
  isCancelled: boolean;
  end: (outcome: Outcome) => void;
  cancel(): void;
}

function startSession() {
  const clock = new ManualClock();
  const store = memoryStore();
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const paused = new PausedRuns({ store, clock, sha256 });
  let made = 0;
  const next = () => String(++made).padStart(32, "0");
  const processes: FakeRun[] = [];
  const attach = (desk: RunDesk<FakeRun>) => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const run: FakeRun = {
      isCancelled: false,
      end: resolve,
      cancel() {
        run.isCancelled = true;
      },
    };
    processes.push(run);
    desk.attach(run, promise);
    return run;
  };
  const noted: string[] = [];
  const open = () =>
    new ApprovalDesk<FakeRun>({
      ...{ paused, clock, newSeed: next },
      newId: () => `default.${next()}`,
      newToken: () => `a_${crypto.randomUUID()}`,
      onChange: (id, state) => noted.push(`${id.slice(-1)} ${state}`),
      goOn: (desk) => {
        attach(desk);
        void waitFor(desk, 1);
      },
    });
  /** The program asks for calls, equal ones in each process. */
  const waitFor = async (desk: RunDesk<FakeRun>, calls: number, argsJson = "{}") => {
    const scope = desk.journal.program();
    for (let n = 0; n < calls; n++) {
      const call = { server: "vault", tool: "delete_everything_below", argsJson: `${argsJson.slice(0, -1)}"n":${n}}` };
      const { asked } = desk.journal;
      void scope.answer(
        { ...call, form: "value" },
        async (made) => ({ is: await asked.ask({ ...call, reason }, made?.entry) }),
        () => {},
      );
    }
    await settled();
    if (desk.journal.asked.isAwaited) void desk.decide({ done: () => [] }, new AbortController().signal);
  };
  const start = async (desk: ApprovalDesk<FakeRun>, calls = 1, argsJson?: string) => {
    const run = desk.forRun({ input: { code: "return 1;" }, requestId: undefined });
    attach(run);
    await waitFor(run, calls, argsJson);
    return run;
  };
  return { clock, store, paused, open, start, waitFor, processes, noted };
}

const outcome: Outcome = { ok: true, result: 7, durationMs: 1 };

describe("a run that waits", () => {
  test("is let go after some minutes and run again when it is decided", { tags: ["approvals.outlives"] }, async () => {
    const { clock, open, start, processes, noted } = startSession();
    const desk = open();
    const run = await start(desk);
    clock.advance(approvalLimits.processMs - 1);
    desk.tidy();
    expect(processes).toMatchObject([{ isCancelled: false }]);
    clock.advance(1);
    desk.tidy();
    expect(processes).toMatchObject([{ isCancelled: true }]);
    expect(run.run).toBeUndefined();
    desk.goOn(run);
    expect(run.isWaiting).toBe(true);
    expect(processes).toHaveLength(1);
    expect(desk.decide(run.id, { kind: "allow", upTo: 1 })).toBe(true);
    expect(processes).toHaveLength(2);
    processes[0]?.end(outcome);
    await settled();
    expect(run.hasEnded).toBe(false);
    processes[1]?.end(outcome);
    await settled();
    expect(desk.outcomeOf(run.token)).toEqual(outcome);
    expect(noted).toEqual([`${run.id.slice(-1)} waits`, `${run.id.slice(-1)} ended`]);
  });

  test("wakes whoever follows it when it waits again, whatever was decided meanwhile", {
    tags: ["approvals.cheap"],
  }, async () => {
    const { open, start, waitFor } = startSession();
    const desk = open();
    const run = await start(desk, 1);
    expect(desk.decide(run.id, { kind: "allow", upTo: 1 })).toBe(true);
    await settled();
    const waits = run.waits();
    void run.journal.asked.ask({ server: "vault", tool: "delete_one", argsJson: "{}", reason }, undefined);
    expect(desk.decide(run.id, { kind: "allow", upTo: 2 })).toBe(true);
    await waitFor(run, 1, '{"more":1,}');
    expect(run.isWaiting).toBe(true);
    await waits;
  });

  test("is found in the next process by its token, and is ended when nobody decides for a day", {
    tags: ["approvals.expires"],
  }, async () => {
    const { clock, open, start } = startSession();
    const { id, token } = await start(open());
    const later = open();
    expect(later.byToken(token)?.isWaiting).toBe(true);
    expect(later.waiting()).toMatchObject([
      { id, expiresAt: clock.now() + approvalLimits.decisionMs, files: { "main.ts": "return 1;" } },
    ]);
    expect(later.nextAt()).toBe(clock.now() + approvalLimits.decisionMs);
    clock.advance(approvalLimits.decisionMs);
    later.tidy();
    expect(later.waiting()).toEqual([]);
    expect(later.decide(id, { kind: "allow", upTo: 1 })).toBe(false);
    const expired = { ok: false, errors: [{ code: "approval_required", message: expect.stringContaining("24 hours") }] };
    expect(open().outcomeOf(token)).toMatchObject(expired);
    clock.advance(approvalLimits.outcomeMs);
    later.tidy();
    expect(open().outcomeOf(token)).toBeUndefined();
    expect(later.nextAt()).toBeUndefined();
  });

  test("goes on by itself if its process was lost after a decision, but not for ever", {
    tags: ["approvals.outlives"],
  }, async () => {
    const { open, start, processes } = startSession();
    const desk = open();
    const { id, token } = await start(desk);
    desk.decide(id, { kind: "allow", upTo: 1 });
    for (let life = processes.length; life < approvalLimits.livesMax; life++) open().tidy();
    expect(processes).toHaveLength(approvalLimits.livesMax);
    open().tidy();
    expect(processes).toHaveLength(approvalLimits.livesMax);
    expect(open().outcomeOf(token)).toMatchObject({ errors: [{ code: "program_lost" }] });
  });

  test("waits ten minutes in its process if it cannot be kept, and says so", { tags: ["approvals.expires"] }, async () => {
    const { clock, open, start, processes } = startSession();
    const desk = open();
    for (let n = 0; n < approvalLimits.keptMax; n++) await start(desk);
    const run = await start(desk);
    expect(run.answer(undefined).errors?.[0]?.message).toContain("ends with a restart: 50 runs of this session wait");
    expect(desk.shown(run.id)?.expiresAt).toBe(clock.now() + limits.answerMs);
    clock.advance(approvalLimits.processMs);
    desk.tidy();
    expect(processes.filter(({ isCancelled }) => isCancelled)).toHaveLength(approvalLimits.keptMax);
    expect(run.run).toBe(processes.at(-1));
  });
});

test("outcomes that are kept for their clients make room for later ones, within the bound of all that is kept", {
  tags: ["approvals.outlives"],
}, async () => {
  const { clock, store, open, start, processes } = startSession();
  const desk = open();
  const large: Outcome = { ok: true, result: "x".repeat(approvalLimits.outcomeCharsMax - 100), durationMs: 1 };
  const tokens: string[] = [];
  for (let n = 0; n < 7; n++) {
    tokens.push((await start(desk)).token);
    clock.advance(1);
    processes.at(-1)?.end(large);
    await settled();
  }
  expect(store.bytes("paused/")).toBeLessThanOrEqual(approvalLimits.keptBytesMax);
  expect(tokens.map((token) => open().outcomeOf(token) !== undefined)).toEqual([false, false, true, true, true, true, true]);
});

test("the answer of a run that waits has at most 150 tokens, whatever it wants to call", {
  tags: ["approvals.cheap"],
}, async () => {
  const { open, start } = startSession();
  const long = `{"path":"${"/home/someone/Documents".repeat(20)}"}`;
  const answers = [(await start(open())).answer("https://mcp.example.com/approve/default.0123456789abcdef0123456789abcdef")];
  answers.push((await start(open(), 1, long)).answer("https://mcp.example.com/approve/default.0123456789abcdef0123456789abcdef"));
  answers.push(
    (await start(open(), 40, long)).answer("https://mcp.example.com/approve/default.0123456789abcdef0123456789abcdef"),
  );
  for (const answer of answers) expect(countTokens(JSON.stringify(answer)), JSON.stringify(answer)).toBeLessThanOrEqual(150);
});
