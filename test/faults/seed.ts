/**
 * The seed of what is done at random, the same in each run so that a failure is one of the change that it follows.
 * `FAULTS_SEED=random` tries another, `FAULTS_SEED=<number>` repeats one; it is printed either way.
 */
export function faultsSeed(wanted = process.env.FAULTS_SEED ?? "1"): number {
  const seed = wanted === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
  if (!Number.isSafeInteger(seed)) throw new Error(`FAULTS_SEED is ${JSON.stringify(wanted)}; it is a whole number, or random.`);
  console.log(`FAULTS_SEED=${seed}`);
  return seed;
}
