import { reportBug } from "../../core/errors.ts";
import { restingUsageEveryMs, usageEveryMs, usageOf } from "./process-usage.ts";

interface Watched {
  bytesMax: number;
  onExceeded: () => void;
  /** At the last look. */
  cpuMs: number;
}

/** All processes share one timer: on a laptop at rest, waking up costs more than what is then done. */
const watched = new Map<number, Watched>();
let timer: NodeJS.Timeout | undefined;

/** Calls `onExceeded` at each look at which the process has more resident memory than that. Ends when disposed. */
export function watchMemory(pid: number, { bytesMax, onExceeded }: Omit<Watched, "cpuMs">): Disposable {
  watched.set(pid, { bytesMax, onExceeded, cpuMs: 0 });
  lookAgain(usageEveryMs);
  return {
    [Symbol.dispose]() {
      watched.delete(pid);
      if (watched.size === 0) clearTimeout(timer);
    },
  };
}

function lookAgain(afterMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void look().catch(reportBug), afterMs);
  timer.unref();
}

async function look(): Promise<void> {
  let areResting = true;
  for (const [pid, process] of watched) {
    const usage = await usageOf(pid);
    if (usage === undefined) continue;
    if (usage.memoryBytes > process.bytesMax) process.onExceeded();
    if (usage.cpuMs !== process.cpuMs) areResting = false;
    process.cpuMs = usage.cpuMs;
  }
  if (watched.size > 0) lookAgain(areResting ? restingUsageEveryMs : usageEveryMs);
}
