import { RpcTarget } from "cloudflare:workers";
import { OrchestratorError, toPublicError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { LiveRun } from "../../core/run/live-run.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import type { SuspendedRuns } from "../../core/run/suspended-runs.ts";
import type { Step } from "../mcp/elicitation.ts";
import type { RunAudience } from "./run-audience.ts";

/** Runs that wait, and where a person decides about their calls. */
export interface WaitingRuns {
  suspended: SuspendedRuns<LiveRun<RunAudience>>;
  /** The address of an approval's page; undefined while no origin is known. */
  pageOf: (approval: string) => string | undefined;
}

/**
 * A request's handle on a run. The run is cancelled by `cancel`, or when the holder disconnects; but not while it waits for a person,
 * nor by one who only came back to see how it goes.
 */
export class RunHandle extends RpcTarget {
  readonly #waiting: WaitingRuns;
  readonly #isLooking: boolean;
  #run: LiveRun<RunAudience> | undefined;

  /** @param run undefined when the token matches no run: `next` then returns that error */
  constructor(run: LiveRun<RunAudience> | undefined, { isLooking = false, ...waiting }: WaitingRuns & { isLooking?: boolean }) {
    super();
    this.#run = run;
    this.#waiting = waiting;
    this.#isLooking = isLooking;
  }

  async next(): Promise<Step> {
    const run = this.#run;
    if (run === undefined) return { kind: "ended", outcome: unknownToken() };
    const stop = await run.next();
    await run.audience.detach({ isGone: run.isCancelled });
    if (stop.kind === "ended") return stop;
    if (stop.kind === "waits") return { kind: "ended", outcome: this.#waits(run) };
    // Its client disconnected meanwhile.
    if (run.isCancelled) return { kind: "ended", outcome: await run.outcome };
    this.#run = undefined;
    const token = this.#waiting.suspended.keep(run);
    run.audience.asked(token);
    run.desk?.asks(token, stop.questions);
    // One whose process was let go meanwhile is found by its desk.
    void run.outcome.then(() => run.desk?.run !== run && this.#waiting.suspended.take(token));
    return { ...stop, token };
  }

  cancel(): void {
    // One that waits for a person's word goes on by itself, for whoever comes with its token.
    if (!this.#isLooking && this.#run?.desk?.isWaiting !== true) this.#run?.cancel();
  }

  #waits({ desk }: LiveRun<RunAudience>): Outcome {
    this.#run = undefined;
    if (desk === undefined) throw new Error("a run without a desk waits for a person");
    return desk.answer(this.#waiting.pageOf(desk.id));
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

function unknownToken(): Outcome {
  const error = new OrchestratorError(
    "invalid_input",
    `requestState: no run of this session waits for this answer. A run waits ${limits.answerMs / 60_000} minutes, takes each answer once, and does not outlive a restart of the orchestrator while a server asks. Call execute_mcp_code again without requestState; what the run had called before is not undone.`,
  );
  return { ok: false, errors: [toPublicError(error)], durationMs: 0 };
}

/** Instead of a handle, for a request that finds no run. */
export class EndedRun extends RpcTarget {
  readonly #outcome: Outcome;

  constructor(outcome: Outcome) {
    super();
    this.#outcome = outcome;
  }

  async next(): Promise<Step> {
    return { kind: "ended", outcome: this.#outcome };
  }

  cancel(): void {}
}

export function unknownApproval(): Outcome {
  const error = new OrchestratorError(
    "invalid_input",
    "resume: no run of this session has this token. It is the `token` of an `approval_required` answer, which this session remembers for a while after its run has ended. Calls that the run had made are not undone.",
  );
  return { ok: false, errors: [toPublicError(error)], durationMs: 0 };
}
