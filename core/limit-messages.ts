import { limits } from "./limits.ts";

/** A run whose time limit is below the CPU budget may compute for all of that time. */
export function cpuBudgetMs(maxRuntimeMs: number): number {
  return Math.min(limits.runCpuMs, maxRuntimeMs);
}

export function cpuLimitMessage(maxRuntimeMs: number): string {
  return `The program used its ${cpuBudgetMs(maxRuntimeMs)} ms of computing time and was stopped. Look for an endless loop or a regular expression that backtracks forever, or do less in one run.`;
}

export const memoryLimitMessage = `The program exceeded its limit of ${limits.sandboxMemoryMiB} MiB of memory and was stopped. Keep less in memory: page through the data, and return only parts of it.`;

/** For one of several programs in a process, none of which can be blamed alone. */
export function sharedMemoryMessage(programs: number): string {
  return `The sandbox process of the program exceeded its limit of ${limits.sandboxMemoryMiB} MiB of memory with ${programs} programs in it, and all were stopped.`;
}

export const callsInFlightMessage = `A run may have ${limits.callsInFlightMax} calls in flight at once; this one exceeds the limit. Await some calls before starting more.`;

export const argumentsInFlightMessage = `The arguments of a run's calls in flight may have ${limits.argumentCharsInFlightMax} characters of JSON together; this call exceeds the limit. Await some calls before starting more.`;

export const argumentsDepthMessage = `Arguments nest at most ${limits.argumentsDepthMax} levels; these nest deeper. Pass flatter ones.`;

/** @param most the limit that was exceeded, as "300 in flight at once" */
export function runtimeCallsMessage(most: string): string {
  return `A run may make ${most} of the calls of the module runtime (session, results, help); this one exceeds the limit. Await some calls before starting more.`;
}
