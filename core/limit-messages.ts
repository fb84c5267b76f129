import { limits } from "./limits.ts";

/** A run whose time limit is below the CPU budget may compute for all of that time. */
export function cpuBudgetMs(maxRuntimeMs: number): number {
  return Math.min(limits.runCpuMs, maxRuntimeMs);
}

export function cpuLimitMessage(maxRuntimeMs: number): string {
  return `The program used its ${cpuBudgetMs(maxRuntimeMs)} ms of computing time and was stopped. Look for an endless loop or a regular expression that backtracks forever, or do less in one run.`;
}

export const memoryLimitMessage = `The program exceeded its limit of ${limits.sandboxMemoryMiB} MiB of memory and was stopped. Keep less in memory: page through the data, and return only parts of it.`;

export const callsInFlightMessage = `A run may have ${limits.callsInFlightMax} calls in flight at once; this one exceeds the limit. Await some calls before starting more.`;
