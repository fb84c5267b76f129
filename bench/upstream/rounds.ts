import { type Summary, summarize } from "../run/statistics.ts";

export interface Rounds {
  rounds: number;
  warmUps: number;
}

/** What each contender took, in milliseconds. */
export type Taken<Name extends string> = Record<Name, Summary & { all: number[] }>;

/**
 * Every contender once a round, each round beginning with another one, so that neither a busy machine nor what the one before
 * left to do falls on the same contender every time. A contender tells what it took, where that is not its whole time.
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
      const told = await contenders[name]();
      const ms = told ?? performance.now() - startedAt;
      if (round >= warmUps) samples.get(name)?.push(ms);
    }
  }
  return Object.fromEntries([...samples].map(([name, all]) => [name, { ...summarize(all), all }])) as Taken<Name>;
}
