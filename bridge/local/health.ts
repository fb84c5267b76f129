import { setTimeout as delay } from "node:timers/promises";

/** A process that spins cannot answer; one that is busy does within this. */
export const healthTimeoutMs = 2_000;
const pollMs = 100;

/** Whether the address answers 2xx soon enough. */
export async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(healthTimeoutMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Refused, reset or too slow: not well, whatever the reason.
    return false;
  }
}

/** Asks until the address is healthy; false when `withinMs` passes first or `isOver` says that asking is of no use. */
export async function becomesHealthy(
  url: string,
  { withinMs, isOver }: { withinMs: number; isOver: () => boolean },
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline && !isOver()) {
    if (await isHealthy(url)) return true;
    await delay(pollMs);
  }
  return false;
}
