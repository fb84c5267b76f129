import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "./job.ts";
import type { BenchProcess } from "./process.ts";
import { type Mode, neverSeen, scenarios } from "./programs.ts";
import { summarize } from "./statistics.ts";

/** Of one run by the one contender and by the other, in milliseconds; medians, and the median of the ratios of pairs. */
export interface Cost {
  without: number;
  with: number;
  ratio: number;
}

export interface PairedCost {
  wall: Cost;
  /** All that the process does, what follows after the answer included. Undefined where the system does not tell it. */
  processor: Cost | undefined;
}

/** Enough that what a run leaves behind is a small part of the time for which it is waited. */
const runsPerBlock = 25;

interface Measured {
  /** The second has what the first is without. */
  contenders: readonly [one: Contender, other: Contender];
  mode: Mode;
  pairs: number;
  /** Until all that a run leaves behind has been done. */
  settleMs: number;
}

/**
 * Runs one program in blocks, in turn without and with: what is done after an answer is counted in the block that caused it, and a
 * busy machine slows down both of a pair.
 */
export async function measurePairedCost(bench: BenchProcess, { contenders, pairs, ...block }: Measured): Promise<PairedCost> {
  const wall: Pair[] = [];
  const processor: (Pair | undefined)[] = [];
  for (let pair = 0; pair <= pairs; pair++) {
    const order = pair % 2 === 0 ? contenders : contenders.toReversed();
    const blocks = new Map<string, Awaited<ReturnType<typeof runBlock>>>();
    for (const contender of order) blocks.set(contender, await runBlock(bench, { contender, ...block }));
    const [one, other] = contenders.map((contender) => blocks.get(contender));
    // The first pair loads everything.
    if (pair === 0 || one === undefined || other === undefined) continue;
    wall.push([one.wallMs, other.wallMs]);
    processor.push(
      one.processorMs === undefined || other.processorMs === undefined ? undefined : [one.processorMs, other.processorMs],
    );
  }
  const known = processor.filter((pair) => pair !== undefined);
  return { wall: costOf(wall), processor: known.length === 0 ? undefined : costOf(known) };
}

type Pair = readonly [one: number, other: number];

function costOf(pairs: readonly Pair[]): Cost {
  return {
    without: summarize(pairs.map(([without]) => without)).median,
    with: summarize(pairs.map(([, other]) => other)).median,
    ratio: summarize(pairs.map(([without, other]) => other / without)).median,
  };
}

async function runBlock(
  bench: BenchProcess,
  { contender, mode, settleMs }: Pick<Measured, "mode" | "settleMs"> & { contender: Contender },
) {
  const { plan, code } = scenarios.oneCall;
  const before = await bench.processorMs();
  const times: number[] = [];
  for (let run = 0; run < runsPerBlock; run++) {
    await bench.prepare({ contender, plan, code: mode === "fresh" ? neverSeen(code) : code });
    const startedAt = performance.now();
    await bench.run(contender);
    times.push(performance.now() - startedAt);
  }
  await sleep(settleMs);
  const after = await bench.processorMs();
  return {
    wallMs: summarize(times).median,
    processorMs: before === undefined || after === undefined ? undefined : (after - before) / runsPerBlock,
  };
}
