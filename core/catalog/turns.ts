import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";

/**
 * Work that a stranger can make long, done in short turns: all sessions share one thread, and what waits there goes first after each of
 * them. The work says what each of its steps has cost, see `turnCost`.
 */
export async function inTurns(work: Iterable<number>, clock: Clock): Promise<void> {
  let left: number = limits.turnCost;
  for (const cost of work) {
    left -= cost;
    if (left > 0) continue;
    left = limits.turnCost;
    await new Promise<void>((resolve) => void clock.after(0, resolve));
  }
}
