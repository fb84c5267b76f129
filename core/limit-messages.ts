import { limits } from "./limits.ts";

/** A program whose whole time is shorter than the budget has used it up when that time is over. */
export function cpuBudgetMs(maxRuntimeMs: number): number {
  return Math.min(limits.runCpuMs, maxRuntimeMs);
}

export function cpuLimitMessage(maxRuntimeMs: number): string {
  return `The program computed for ${cpuBudgetMs(maxRuntimeMs)} ms, which is all it may, and was stopped. Look for an endless loop, or a regular expression that backtracks without end; do less in one run.`;
}

export const memoryLimitMessage = `The program needed more than the ${limits.sandboxMemoryMiB} MiB of memory it may use and was stopped. Keep less at once: page through data, and return parts.`;

export const callsInFlightMessage = `A run may have ${limits.callsInFlightMax} calls under way at once; this was one more. Await some before you make others.`;
