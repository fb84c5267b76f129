import type { Clock } from "./clock.ts";
import { limits } from "./limits.ts";

/**
 * Work that a stranger can make long, done in short turns: all sessions share one thread, and what waits there goes first after each of
 * them. The work says what each of its steps has cost, see `turnCost`.
 */
export async function inTurns(work: Iterable<number>, clock: Clock): Promise<void> {
  const turns = new Turns(clock);
  for (const cost of work) await turns.spend(cost);
}

/** The same for work that comes bit by bit. */
export class Turns {
  readonly #clock: Clock;
  #left: number = limits.turnCost;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be awaited after each step, with its cost. */
  spend(cost: number): Promise<void> | undefined {
    this.#left -= cost;
    if (this.#left > 0) return undefined;
    this.#left = limits.turnCost;
    return new Promise((resolve) => void this.#clock.after(0, resolve));
  }
}
