import { RpcTarget } from "cloudflare:workers";
import { OrchestratorError, toPublicError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { LiveRun } from "../../core/run/live-run.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import type { SuspendedRuns } from "../../core/run/suspended-runs.ts";
import type { Step } from "../mcp/elicitation.ts";
import type { RunAudience } from "./run-audience.ts";

/**
 * A request's handle on a run. The run is cancelled by `cancel`, or when the holder disconnects; but not once it was suspended to wait
 * for a person.
 */
export class RunHandle extends RpcTarget {
  readonly #suspended: SuspendedRuns<LiveRun<RunAudience>>;
  #run: LiveRun<RunAudience> | undefined;

  /** @param run undefined when the token matches no run: `next` then returns that error */
  constructor(run: LiveRun<RunAudience> | undefined, suspended: SuspendedRuns<LiveRun<RunAudience>>) {
    super();
    this.#run = run;
    this.#suspended = suspended;
  }

  async next(): Promise<Step> {
    const run = this.#run;
    if (run === undefined) return { kind: "ended", outcome: unknownToken() };
    const stop = await run.next();
    await run.audience.detach({ isGone: run.isCancelled });
    if (stop.kind === "ended") return stop;
    // Its client disconnected meanwhile.
    if (run.isCancelled) return { kind: "ended", outcome: await run.outcome };
    this.#run = undefined;
    return { ...stop, token: this.#suspended.keep(run) };
  }

  cancel(): void {
    this.#run?.cancel();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

function unknownToken(): Outcome {
  const error = new OrchestratorError(
    "invalid_input",
    `requestState: no run of this session waits for this answer. A run waits ${limits.answerMs / 60_000} minutes, takes each answer once, and does not outlive a restart of the orchestrator. Call execute_mcp_code again without requestState; what the run had called before is not undone.`,
  );
  return { ok: false, errors: [toPublicError(error)], durationMs: 0 };
}
