import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { CallEntry } from "./call-entry.ts";
import { journalLimits } from "./journal-limits.ts";

interface ReplayParts {
  clock: Clock;
  /** The program has taken another way. */
  onAstray: () => void;
}

/**
 * A run's program on its way through what was recorded of it. Recorded answers are given in the order in which they were given before,
 * so that the program does the same again, and a call that was not recorded waits until all that were have been asked for.
 */
export class Replay {
  readonly #parts: ReplayParts;
  /** Recorded calls that the program has not made again yet. */
  readonly #expected = new Set<CallEntry>();
  /** Those with an answer that was not given yet, in the order of their answers. */
  #answers: CallEntry[] = [];
  /** Those of them that the program waits for. */
  readonly #held = new Map<CallEntry, () => void>();
  #caughtUp = Promise.withResolvers<void>();
  /** Calls that were not recorded and wait, and the characters of their arguments. */
  #newcomers = 0;
  #newcomerChars = 0;
  #stopTimer = () => {};

  constructor(parts: ReplayParts) {
    this.#parts = parts;
  }

  expect(entries: readonly CallEntry[]): void {
    for (const entry of entries) this.#expected.add(entry);
    const answered = [...this.#answers, ...entries.filter(({ record }) => record.reply !== undefined)];
    this.#answers = [...new Set(answered)].sort((a, b) => orderOf(a) - orderOf(b));
  }

  /** Calls that were made before, and not again. */
  unmade(): CallEntry[] {
    return [...this.#expected];
  }

  /** The program makes a recorded call again. */
  made(entry: CallEntry): void {
    this.#expected.delete(entry);
    this.#moved();
    if (this.#expected.size > 0) return;
    this.#caughtUp.resolve();
    this.#caughtUp = Promise.withResolvers();
  }

  /** Resolves when it is the turn of its answer. */
  async turn(entry: CallEntry): Promise<void> {
    // Answered since the program started: by then it had got all the others.
    if (!this.#answers.includes(entry)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.set(entry, resolve);
    // Not before this one waits too: of two that are given at once, the first is to be heard of first.
    void Promise.resolve().then(() => this.#give());
    await promise;
  }

  /**
   * Resolves when the program has made all recorded calls again. Never, if it has taken another way, as one has that makes more calls
   * at once than it may have in flight.
   */
  async caughtUp(argsChars: number): Promise<void> {
    if (this.#expected.size === 0) return;
    this.#newcomers += 1;
    this.#newcomerChars += argsChars;
    if (this.#newcomers > limits.callsInFlightMax || this.#newcomerChars > limits.argumentCharsInFlightMax) {
      this.#parts.onAstray();
    } else this.#moved();
    await this.#caughtUp.promise;
    this.#newcomers -= 1;
    this.#newcomerChars -= argsChars;
  }

  close(): void {
    this.#stopTimer();
  }

  #give(): void {
    for (let next = this.#answers[0]; next !== undefined && this.#held.has(next); next = this.#answers[0]) this.#answer(next);
    this.#moved();
  }

  #answer(entry: CallEntry): void {
    this.#answers = this.#answers.filter((other) => other !== entry);
    this.#held.get(entry)?.();
    this.#held.delete(entry);
  }

  /** As long as anything moves, the program is on its way. */
  #moved(): void {
    this.#stopTimer();
    if (this.#held.size === 0 && (this.#newcomers === 0 || this.#expected.size === 0)) return;
    this.#stopTimer = this.#parts.clock.after(journalLimits.stallMs, () => this.#stalled());
  }

  /** An answer is held back by one that the program does not ask for any more, or it makes a call that it did not make before. */
  #stalled(): void {
    const [first] = this.#answers.filter((entry) => this.#held.has(entry));
    if (first === undefined) {
      this.#parts.onAstray();
      return;
    }
    this.#answer(first);
    this.#moved();
  }
}

function orderOf({ record }: CallEntry): number {
  return record.reply?.order ?? Number.POSITIVE_INFINITY;
}
