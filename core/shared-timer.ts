import type { Clock } from "./clock.ts";

/** The longest time for which the platform's timer is set. It goes on that long when nobody waits any more, and a Durable Object with a timer does not sleep. */
const timerMsMax = 2_000;

interface Wait {
  /** By `time`. */
  at: number;
  wake: () => void;
}

/**
 * A clock whose timers share one of the platform's. workerd remembers each timer of a Durable Object, even a cancelled one, for as long as
 * the object is in memory; and each run has several, which are nearly always cancelled. So a cancelled wait leaves the platform's timer as
 * it is, for those that come after it.
 */
export function createSharedTimer(platform: Clock): Clock {
  /** Those that end first are first; of those that end together, the one that began first. */
  const waits: Wait[] = [];
  let timer: { at: number; cancel: () => void } | undefined;
  let reached = 0;
  let behindMs = 0;

  /** As the platform's clock, but it goes back behind nothing that was read: waits would grow by as much. */
  function time(): number {
    const now = platform.now();
    behindMs = Math.max(behindMs, reached - now);
    reached = now + behindMs;
    return reached;
  }

  function set(): void {
    const first = waits[0];
    if (first === undefined) return;
    const now = time();
    const at = Math.min(first.at, now + timerMsMax);
    if (timer !== undefined && timer.at <= at) return;
    timer?.cancel();
    timer = { at, cancel: platform.after(Math.max(at - now, 0), () => ring(at)) };
  }

  function ring(at: number): void {
    timer = undefined;
    reached = Math.max(reached, at);
    const now = time();
    try {
      // One that is added meanwhile gets a turn of its own, even if it ends at once.
      for (const wait of waits.filter((one) => one.at <= now)) if (remove(wait)) wait.wake();
    } finally {
      // Also when one of them throws, so that the others end.
      set();
    }
  }

  /** False if it was cancelled, or has ended. */
  function remove(wait: Wait): boolean {
    const index = waits.indexOf(wait);
    if (index >= 0) waits.splice(index, 1);
    return index >= 0;
  }

  return {
    now: platform.now,
    after(ms, wake) {
      const wait = { at: time() + ms, wake };
      waits.splice(waits.findLastIndex(({ at }) => at <= wait.at) + 1, 0, wait);
      set();
      return () => void remove(wait);
    },
  };
}
