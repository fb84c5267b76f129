import { setTimeout as delay } from "node:timers/promises";

/** False when `signal` aborted meanwhile. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

/** As `pause`, until the clock shows a multiple of `everyMs`: what is looked at as often is looked at in one waking of the processor. */
export function pauseTogether(everyMs: number, signal: AbortSignal): Promise<boolean> {
  return pause(everyMs - (Date.now() % everyMs), signal);
}
