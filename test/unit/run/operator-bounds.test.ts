import { expect, test } from "vitest";
import { readOperator } from "../../../worker/operator-settings.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const servers = [serverEntry("hub"), serverEntry("other")];
const upstream = () =>
  new FakeUpstream({
    hub: { tools: [tool("look")], answers: { look: textResult("seen") } },
    other: { tools: [tool("look")], answers: { look: textResult("seen") } },
  });

test("a run makes as many calls as the operator allows, of all servers together", { tags: ["operator.bounds"] }, async () => {
  const called = upstream();
  const { run } = startSession({ servers, upstream: called, bounds: { callsPerRun: 3 } });
  const code = "await hub.look({}); await other.look({}); await hub.look({}); return 1;";
  expect(await run({ code })).toMatchObject({ ok: true });
  expect(await run({ code: `${code.slice(0, -9)} await other.look({});` })).toMatchObject({
    ok: false,
    errors: [{ code: "too_many_calls", message: expect.stringContaining("MAX_CALLS_PER_RUN") }],
  });
  expect(called.called).toHaveLength(6);
});

test("a result has as many bytes as the operator allows", { tags: ["operator.bounds"] }, async () => {
  const { run } = startSession({ servers, bounds: { resultBytes: 12 } });
  expect(await run({ code: 'return "0123456789";' })).toMatchObject({ ok: true });
  for (const large of ["01234567890", "語語語語"]) {
    expect(await run({ code: `return "${large}";` })).toMatchObject({
      ok: false,
      errors: [{ code: "output_limit", message: expect.stringContaining("MAX_RESULT_BYTES") }],
    });
  }
});

test("a run has as long as the operator allows, and is told how long that is", { tags: ["operator.bounds"] }, async () => {
  const { run } = startSession({ servers, bounds: { runMs: 50 } });
  const outcome = await run({ code: "await new Promise(() => {})", maxRuntimeMs: 60_000 });
  expect(outcome).toMatchObject({
    ok: false,
    errors: [{ code: "run_timeout", message: expect.stringMatching(/within 50 ms\..*at most 50\b/) }],
  });
});

test("settings are read, and wrong ones are named", { tags: ["operator.bounds"] }, () => {
  const names = ["MAX_RUN_MS", "MAX_CALLS_PER_RUN", "MAX_RESULT_BYTES", "SESSION_IDLE_DAYS"] as const;
  const settings = readOperator({ MAX_RUN_MS: "5000", SESSION_IDLE_DAYS: " 2 ", MAX_RESULT_BYTES: "", AUDIT_ARGUMENTS: "full" });
  expect(settings).toMatchObject({ runMsMax: 5_000, sessionIdleMs: 172_800_000, auditArguments: "full", problems: [] });
  expect(settings.resultBytesMax).toBeUndefined();
  for (const name of names) {
    for (const wrong of ["0", "-1", "many", "NaN", "1e999"]) {
      expect([name, wrong, readOperator({ [name]: wrong }).problems]).toEqual([
        name,
        wrong,
        [expect.stringMatching(new RegExp(`^${name} is "${wrong}"`))],
      ]);
    }
  }
  expect(readOperator({ AUDIT_ARGUMENTS: "all" }).problems).toHaveLength(1);
  expect(readOperator({ AUDIT_ARGUMENTS: "all" }).auditArguments).toBe("none");
});

test("sessions may be kept for a hundred years, and a moment that no alarm can have is refused", {
  tags: ["operator.bounds"],
}, () => {
  expect(readOperator({ SESSION_IDLE_DAYS: "36500" })).toMatchObject({ problems: [], sessionIdleMs: 36_500 * 86_400_000 });
  expect(readOperator({ SESSION_IDLE_DAYS: "36501" }).problems).toEqual([expect.stringContaining("at most 36500")]);
});
