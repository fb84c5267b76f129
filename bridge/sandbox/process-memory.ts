import { readFileSync } from "node:fs";
import pidusage from "pidusage";

/** Time between two readings. Longer where each reading starts a process. */
export const memoryEveryMs = process.platform === "linux" ? 50 : 500;

/** The resident set of a process in bytes; undefined when the process has ended. */
export async function memoryOf(pid: number): Promise<number | undefined> {
  if (process.platform === "linux") return residentBytes(pid);
  try {
    return (await pidusage(pid)).memory;
  } catch {
    // The process has ended.
    return undefined;
  }
}

/** Reads one small file of proc(5), at a tenth of the cost of pidusage, which collects more. */
function residentBytes(pid: number): number | undefined {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    // The process has ended.
    return undefined;
  }
}
