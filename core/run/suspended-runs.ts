import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";

interface Cancellable {
  cancel(): void;
}

interface SuspendedRunsParts {
  clock: Clock;
  /** Unguessable. */
  newToken: () => string;
}

/** The runs of a session that wait for a person, each under the token with which its client comes back. */
export class SuspendedRuns<Run extends Cancellable> {
  readonly #parts: SuspendedRunsParts;
  readonly #runs = new Map<string, { run: Run; stopTimer: () => void }>();

  constructor(parts: SuspendedRunsParts) {
    this.#parts = parts;
  }

  /** Why no more runs may wait, if so. */
  get whyFull(): string | undefined {
    return this.#runs.size < limits.suspendedRunsMax ? undefined : full;
  }

  /** Keeps a run until its client comes back; it is cancelled when the client does not come in time. */
  keep(run: Run): string {
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
  take(token: string): Run | undefined {
    const kept = this.#runs.get(token);
    if (kept === undefined) return undefined;
    this.#runs.delete(token);
    kept.stopTimer();
    return kept.run;
  }
}

const full = `${limits.suspendedRunsMax} runs of this session already wait for a person.`;
