import { tryRandomSchemas } from "./schema-trial.ts";

/*
 * Usage: node test/support/schema-trial-run.ts [schemas = 10000] [first seed = 1]
 *
 * Runs the property test of code generation for long, in rounds of 1,000 schemas with one seed each. Prints the failures and the
 * counts.
 */

const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const perRound = 1_000;
const totals = { schemas: 0, broken: 0, leaks: 0, valid: 0, validRefused: 0, invalid: 0, invalidPassed: 0 };
for (let round = 0; round * perRound < count; round++) {
  const trial = tryRandomSchemas({ count: Math.min(perRound, count - round * perRound), seed: seed + round });
  for (const problem of [...trial.broken, ...trial.leaks, ...trial.valid.refused]) console.log(problem.slice(0, 1_000));
  totals.schemas += trial.schemas;
  totals.broken += trial.broken.length;
  totals.leaks += trial.leaks.length;
  totals.valid += trial.valid.tried;
  totals.validRefused += trial.valid.refused.length;
  totals.invalid += trial.invalid.tried;
  totals.invalidPassed += trial.invalid.passed.length;
}
console.log(JSON.stringify(totals));
