import type { Clock } from "../../core/clock.ts";
import { limits } from "../../core/limits.ts";
import type { LiveRun } from "./live-run.ts";

interface SuspendedRunsParts {
  clock: Clock;
  /** Unguessable. */
  newToken: () => string;
}

/** The runs of a session that wait for a person, each under the token that its client has to come back with. */
export class SuspendedRuns {
  readonly #parts: SuspendedRunsParts;
  readonly #runs = new Map<string, { run: LiveRun; stopTimer: () => void }>();

  constructor(parts: SuspendedRunsParts) {
    this.#parts = parts;
  }

  /** Why no more may wait, if so. */
  get whyFull(): string | undefined {
    return this.#runs.size < limits.suspendedRunsMax ? undefined : full;
  }

  /** Keeps a run until its client comes back; if it does not in time, the run ends. */
  keep(run: LiveRun): string {
    const { clock, newToken } = this.#parts;
    const token = newToken();
    const stopTimer = clock.after(limits.answerMs, () => {
      this.#runs.delete(token);
      run.cancel();
    });
    this.#runs.set(token, { run, stopTimer });
    return token;
  }

  /** Gives the run back, once. */
  take(token: string): LiveRun | undefined {
    const kept = this.#runs.get(token);
    if (kept === undefined) return undefined;
    this.#runs.delete(token);
    kept.stopTimer();
    return kept.run;
  }
}

const full = `${limits.suspendedRunsMax} runs of this session wait for a person already.`;
