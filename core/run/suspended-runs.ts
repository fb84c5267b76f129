import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";

interface Leavable {
  /** Nobody follows it any more. */
  leave(): void;
}

interface SuspendedRunsParts {
  clock: Clock;
  /** Unguessable. */
  newToken: () => string;
}

/** The runs of a session that wait for a person, each under the token with which its client comes back. */
export class SuspendedRuns<Run extends Leavable> {
  readonly #parts: SuspendedRunsParts;
  readonly #runs = new Map<string, { run: Run; stopTimer: () => void }>();

  constructor(parts: SuspendedRunsParts) {
    this.#parts = parts;
  }

  /** Why no more runs may wait, if so. */
  get whyFull(): string | undefined {
    return this.#runs.size < limits.suspendedRunsMax ? undefined : full;
  }

  /** Keeps a run until its client comes back, and leaves it alone when the client does not come in time. */
  keep(run: Run): string {
    const { clock, newToken } = this.#parts;
    const token = newToken();
    const stopTimer = clock.after(limits.answerMs, () => {
      this.#runs.delete(token);
      run.leave();
    });
    this.#runs.set(token, { run, stopTimer });
    return token;
  }

  /** The run of a token, which it keeps. */
  find(token: string): Run | undefined {
    return this.#runs.get(token)?.run;
  }

  /** The token of a run, while it waits. */
  tokenOf(run: Run): string | undefined {
    return [...this.#runs].find(([, kept]) => kept.run === run)?.[0];
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
