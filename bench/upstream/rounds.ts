import { type Summary, summarize } from "../run/statistics.ts";

export interface Rounds {
  rounds: number;
  warmUps: number;
}

/** The times of each contender, in milliseconds. */
export type Taken<Name extends string> = Record<Name, Summary & { all: number[] }>;

/**
 * Runs every contender once per round. Each round starts with another contender, so that a busy machine, or the work that a
 * contender leaves behind, does not always affect the same one. A contender may return its time, if that is not its whole duration.
 */
export async function takeRounds<Name extends string>(
  contenders: Record<Name, () => Promise<number | void>>,
  { rounds, warmUps }: Rounds,
): Promise<Taken<Name>> {
  const names = Object.keys(contenders) as Name[];
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < warmUps + rounds; round++) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const startedAt = performance.now();
      const reportedMs = await contenders[name]();
      const ms = reportedMs ?? performance.now() - startedAt;
      if (round >= warmUps) samples.get(name)?.push(ms);
    }
  }
  return Object.fromEntries([...samples].map(([name, all]) => [name, { ...summarize(all), all }])) as Taken<Name>;
}
