import type { Contender } from "./job.ts";
import { BenchProcess, type WorkerBundle } from "./process.ts";
import { waitingProgram } from "./programs.ts";

/** Open runs at the first measurement. They load everything that the process needs once. */
const runsAtFirst = 2;
/** Open runs at the second measurement: as many as one session may have at once. */
const runsAtLast = 8;

/**
 * The bytes by which the resident memory of a workerd grows per open run. The process is new, and its runs wait in a call, so none
 * has ended and freed memory. Everything counts, including the Durable Object's side and the allocator's slack.
 */
export async function bytesPerOpenRun(worker: WorkerBundle, contender: Contender): Promise<number> {
  const [atFirst = Number.NaN, atLast = Number.NaN] = await residentWithOpen(worker, contender, [runsAtFirst, runsAtLast]);
  return (atLast - atFirst) / (runsAtLast - runsAtFirst);
}

/** The bytes that the compiler needs once: the memory after one run with a type-check minus that after one without. */
export async function bytesOfCompiler(worker: WorkerBundle): Promise<number> {
  const [checked = Number.NaN] = await residentWithOpen(worker, "ours", [1]);
  const [unchecked = Number.NaN] = await residentWithOpen(worker, "unchecked", [1]);
  return checked - unchecked;
}

/** The memory of a new process at each of these numbers of open runs, in ascending order. */
async function residentWithOpen(worker: WorkerBundle, contender: Contender, counts: readonly number[]): Promise<number[]> {
  await using bench = await BenchProcess.start(worker);
  await bench.prepare({ contender, ...waitingProgram });
  const runs: Promise<unknown>[] = [];
  const resident: number[] = [];
  for (const count of counts) {
    while (runs.length < count) runs.push(bench.run(contender));
    // No run ends by itself, so the second promise settles only when one fails.
    await Promise.race([bench.hasWaiting(contender, count), Promise.all(runs)]);
    resident.push(await bench.residentBytes());
  }
  await bench.release(contender);
  await Promise.all(runs);
  return resident;
}
