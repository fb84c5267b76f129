import { readFileSync } from "node:fs";
import pidusage from "pidusage";

/** Where reading it means starting another process, it is read less often. Milliseconds. */
export const memoryEveryMs = process.platform === "linux" ? 50 : 500;

/** Bytes of memory that a process holds (resident set); undefined when it is gone. */
export async function memoryOf(pid: number): Promise<number | undefined> {
  if (process.platform === "linux") return residentBytes(pid);
  try {
    return (await pidusage(pid)).memory;
  } catch {
    // It ended: nothing to read.
    return undefined;
  }
}

/** One small file of the kernel's own (proc(5)), at a tenth of what it takes to find out all that pidusage does, every time. */
function residentBytes(pid: number): number | undefined {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    // It ended: nothing to read.
    return undefined;
  }
}
