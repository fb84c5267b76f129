import type { Contender } from "./job.ts";
import { BenchProcess, type WorkerBundle } from "./process.ts";
import { waitingProgram } from "./programs.ts";

/** Runs open before the first look: they bring what the process has once, however many there are. */
const runsAtFirst = 2;
/** And at the second: as many as a session of ours holds at once. */
const runsAtLast = 8;

/**
 * Bytes by which the resident memory of a workerd grows for each run that is open: in a process of its own, runs that wait in a call
 * are opened, and none has ended before that would leave room. It counts everything, the object's side and the allocator's slack
 * included.
 */
export async function bytesPerOpenRun(worker: WorkerBundle, contender: Contender): Promise<number> {
  const [atFirst = Number.NaN, atLast = Number.NaN] = await residentWithOpen(worker, contender, [runsAtFirst, runsAtLast]);
  return (atLast - atFirst) / (runsAtLast - runsAtFirst);
}

/** Bytes that the compiler takes once, however many runs there are: one run with a type-check less one without. */
export async function bytesOfCompiler(worker: WorkerBundle): Promise<number> {
  const [checked = Number.NaN] = await residentWithOpen(worker, "ours", [1]);
  const [unchecked = Number.NaN] = await residentWithOpen(worker, "unchecked", [1]);
  return checked - unchecked;
}

/** The memory of a fresh process at each of these numbers of open runs, which ascend. */
async function residentWithOpen(worker: WorkerBundle, contender: Contender, counts: readonly number[]): Promise<number[]> {
  await using bench = await BenchProcess.start(worker);
  await bench.prepare({ contender, ...waitingProgram });
  const runs: Promise<unknown>[] = [];
  const resident: number[] = [];
  for (const count of counts) {
    while (runs.length < count) runs.push(bench.run(contender));
    // None of them ends by itself; one that fails is told.
    await Promise.race([bench.hasWaiting(contender, count), Promise.all(runs)]);
    resident.push(await bench.residentBytes());
  }
  await bench.letGo(contender);
  await Promise.all(runs);
  return resident;
}
