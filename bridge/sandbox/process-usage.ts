import { readFileSync } from "node:fs";
import pidusage from "pidusage";

/** Time between two readings of a process that computes. Longer where each reading starts a process. */
export const usageEveryMs = process.platform === "linux" ? 50 : 500;
/** And of one that rests: each reading costs this process something, all day. */
export const restingUsageEveryMs = process.platform === "linux" ? 200 : 1_000;

/** What a process and all its threads have taken. */
export interface ProcessUsage {
  /** The resident set. */
  memoryBytes: number;
  /** Since the start of the process. */
  cpuMs: number;
}

/** Undefined when the process has ended. */
export async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  try {
    if (process.platform === "linux") return readStat(pid);
    const { memory, ctime } = await pidusage(pid);
    return { memoryBytes: memory, cpuMs: ctime };
  } catch {
    // The process has ended.
    return undefined;
  }
}

const pageBytes = 4_096;
const tickMs = 10;

/**
 * One small file, at a tenth of the cost of pidusage, which collects more. proc(5): after the command in parentheses, fields 14 and
 * 15 are ticks of 10 ms, and field 24 is pages of the resident set.
 */
function readStat(pid: number): ProcessUsage {
  const line = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { memoryBytes: Number(fields[21]) * pageBytes, cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs };
}
