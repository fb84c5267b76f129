import type { LiveRun } from "../../core/run/live-run.ts";
import type { RunDesk } from "../../core/run/run-desk.ts";
import type { RunAudience } from "./run-audience.ts";

interface RunningRun {
  /** Has its input, and its id in the audit. */
  desk: RunDesk<LiveRun<RunAudience>>;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** The runs of a session that are under way. */
export class RunningRuns {
  readonly #runs = new Map<LiveRun<RunAudience>, RunningRun>();

  add(run: LiveRun<RunAudience>, running: RunningRun): void {
    this.#runs.set(run, running);
    void run.outcome.finally(() => this.#runs.delete(run));
  }

  get size(): number {
    return this.#runs.size;
  }

  all(): LiveRun<RunAudience>[] {
    return [...this.#runs.keys()];
  }

  list() {
    return [...this.#runs].flatMap(([run, { desk, startedAt }]) => {
      const { auditId } = desk.paused;
      return auditId === undefined ? [] : [{ id: auditId, startedAt, run, isWaiting: desk.isWaiting }];
    });
  }

  find(id: string): { run: LiveRun<RunAudience>; input: unknown } | undefined {
    const found = [...this.#runs].find(([, { desk }]) => desk.paused.auditId === id);
    return found && { run: found[0], input: found[1].desk.input };
  }
}
