/** Computing less than this since the last check is none: timers and the garbage collector. */
const restCpuMs = 100;
/** Time between two checks of a process that does not compute: it is in no endless loop, but may be stuck. */
const restEveryMs = 10_000;

/**
 * Decides at each look at a process whether to ask it for an answer, so that a process at rest is left in peace. Given its computing
 * time so far; undefined where that is not known.
 */
export function createCheckTurns(now = () => performance.now()): (cpuMs: number | undefined) => boolean {
  let last = { cpuMs: 0, at: now() };
  return (cpuMs) => {
    const isAtRest = cpuMs !== undefined && cpuMs - last.cpuMs < restCpuMs;
    if (isAtRest && now() - last.at < restEveryMs) return false;
    last = { cpuMs: cpuMs ?? 0, at: now() };
    return true;
  };
}
