import type { Contender, RunNotes } from "./job.ts";
import type { BenchProcess } from "./process.ts";
import type { Scenario } from "./programs.ts";

export interface Sample extends RunNotes {
  /** From the request to its answer, by Node's clock. */
  ms: number;
}

/** The times of each contender, in the order of the rounds. */
export type Samples = Map<Contender, Sample[]>;

interface Rounds {
  contenders: readonly Contender[];
  program: Pick<Scenario, "plan"> & { code: () => string };
  rounds: number;
  warmUps: number;
}

/**
 * Runs every contender once per round. Each round starts with another contender, so that a busy machine, or the garbage of the
 * previous contender, does not always affect the same one. Time is measured outside, over HTTP, because clocks inside workerd
 * count whole milliseconds. An empty request is measured in the same rounds, to be subtracted.
 */
export async function runRounds(bench: BenchProcess, { contenders, program, rounds, warmUps }: Rounds): Promise<Samples> {
  const samples: Samples = new Map(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < warmUps + rounds; round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      await bench.prepare({ contender, plan: program.plan, code: program.code() });
      const startedAt = performance.now();
      const notes = await bench.run(contender);
      if (round >= warmUps) samples.get(contender)?.push({ ms: performance.now() - startedAt, ...notes });
    }
  }
  return samples;
}
