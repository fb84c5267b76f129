import { tracing } from "cloudflare:workers";
import { approvalLimits } from "../../core/run/approval-limits.ts";
import { LiveRun } from "../../core/run/live-run.ts";
import type { RunDesk } from "../../core/run/run-desk.ts";
import type { SuspendedRuns } from "../../core/run/suspended-runs.ts";
import { systemClock } from "../clock.ts";
import type { Composition } from "../compose.ts";
import { whyCannotShow } from "../mcp/elicitation.ts";
import type { LogLevel } from "../mcp/live.ts";
import { withRequestIds } from "./request-ids.ts";
import { RunAudience } from "./run-audience.ts";

interface ToStart {
  /** Of the run: a new one, or one that its last process did not end. */
  desk: RunDesk<LiveRun<RunAudience>>;
  suspended: SuspendedRuns<LiveRun<RunAudience>>;
  logLevel: () => LogLevel | undefined;
}

/** Starts a run in this process, and writes down what becomes of it. */
export function startRun(parts: Composition, { desk, suspended, logLevel }: ToStart): LiveRun<RunAudience> {
  const { input } = desk;
  const { requestId, auditId } = desk.paused;
  const recorded = parts.audit.run({ requestId, input, run: auditId });
  desk.note(recorded.run);
  const isAgain = desk.hasWaited;
  const run = new LiveRun({
    execute: (live) =>
      // In a trace, where the platform makes one, a run is found by the ids that its answer and its records have.
      tracing.startActiveSpan("run", async (span) => {
        span.setAttributes({ "run.id": recorded.run, "request.id": requestId });
        if (isAgain) await untilReached(parts, desk.journal.servers());
        await parts.saved.syncFor(input);
        const outcome = await parts.orchestrator.execute(input, { ...live, audit: recorded });
        const answer = parts.orchestrator.answer(outcome, input);
        // One that was let go has not ended: it is run again.
        const hasEnded = desk.run === run;
        recorded.end(hasEnded ? answer : { ok: false, errors: [{ code: "approval_required" }] });
        if (hasEnded) parts.history.keep(recorded.run, { input, outcome });
        span.setAttributes({ "run.ok": outcome.ok, "error.type": outcome.errors?.[0]?.code });
        return withRequestIds(answer, { requestId, run: recorded.run });
      }),
    audience: new RunAudience(logLevel),
    canAsk: desk.client.modes.length > 0,
    whyNotAsk: (asked) => whyCannotShow(asked, desk.client.modes) ?? suspended.whyFull,
    desk,
  });
  return run;
}

/** After a restart the bridges connect again within seconds: nothing that was allowed is to fail for that. */
async function untilReached(parts: Composition, servers: ReadonlySet<string>): Promise<void> {
  const until = systemClock.now() + approvalLimits.bridgesMs;
  while (parts.isCutOff(servers) && systemClock.now() < until) await scheduler.wait(approvalLimits.bridgesLookMs);
}
