import { readFileSync } from "node:fs";
import pidusage from "pidusage";
import { pauseTogether } from "./pause.ts";

/** Time between two readings of a process that computes. Longer where each reading starts a process. */
const busyEveryMs = process.platform === "linux" ? 50 : 500;
/** The longest time between two readings of one that does not: what it can allocate meanwhile is what it overshoots. */
const restEveryMs = process.platform === "linux" ? 250 : 4_000;

/**
 * Calls `onComputed` soon after the process has computed, and looks at it more rarely while it does not: without computing it can
 * neither allocate memory nor be in an endless loop. Ends when `over` aborts.
 */
export async function watchComputing(
  pid: number,
  onComputed: (cpuMs: number) => Promise<void>,
  over: AbortSignal,
): Promise<void> {
  let everyMs = busyEveryMs;
  let lastMs = -1;
  while (await pauseTogether(everyMs, over)) {
    const cpuMs = await cpuTimeOf(pid);
    if (cpuMs === undefined || cpuMs === lastMs) {
      everyMs = Math.min(2 * everyMs, restEveryMs);
      continue;
    }
    lastMs = cpuMs;
    everyMs = busyEveryMs;
    await onComputed(cpuMs);
  }
}

/** The resident set of a process in bytes; undefined when the process has ended. */
export async function memoryOf(pid: number): Promise<number | undefined> {
  if (process.platform === "linux") {
    const kibibytes = read(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  }
  return (await usageOf(pid))?.memory;
}

/** The computing time of a process and all its threads since its start, in milliseconds; undefined when it has ended. */
export async function cpuTimeOf(pid: number): Promise<number | undefined> {
  if (process.platform === "linux") {
    // proc(5): after the command in parentheses, fields 14 and 15 of the line, in ticks of 10 ms.
    const [, user, system] = read(`/proc/${pid}/stat`, /\) \S(?: -?\d+){10} (\d+) (\d+) /) ?? [];
    return user === undefined ? undefined : (Number(user) + Number(system)) * 10;
  }
  return (await usageOf(pid))?.ctime;
}

/** One small file, at a tenth of the cost of pidusage, which collects more. */
function read(path: string, pattern: RegExp): RegExpExecArray | null {
  try {
    return pattern.exec(readFileSync(path, "latin1"));
  } catch {
    // The process has ended.
    return null;
  }
}

async function usageOf(pid: number): Promise<pidusage.Status | undefined> {
  try {
    return await pidusage(pid);
  } catch {
    // The process has ended.
    return undefined;
  }
}
