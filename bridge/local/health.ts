import { setTimeout as delay } from "node:timers/promises";

/** A busy process still answers within this time; one in an endless loop does not. */
export const healthTimeoutMs = 2_000;
const pollMs = 100;

/** Whether the URL answers 2xx within `healthTimeoutMs`. */
export async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(healthTimeoutMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Refused, reset or too slow: unhealthy in any case.
    return false;
  }
}

/** Polls until the URL is healthy. False after `withinMs`, or as soon as `isOver` says that it cannot become healthy any more. */
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
