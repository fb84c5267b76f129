import { expect, test } from "vitest";
import { tryRandomSchemas } from "../../support/schema-trial.ts";

/* The same seed each time; `node test/support/schema-trial-run.ts 10000` tries as many as wanted. */
const trial = tryRandomSchemas({ count: 400, seed: 2026 });

test("clients of random schemas compile under strict, and no typed part of them is any", { tags: ["clients.types"] }, () => {
  expect(trial.broken).toEqual([]);
  expect(trial.leaks).toEqual([]);
});

test("arguments that a validator accepts type-check", { tags: ["clients.types-agree"] }, () => {
  expect(trial.valid.tried).toBeGreaterThan(trial.schemas);
  expect(trial.valid.refused).toEqual([]);
});

test("of arguments that it refuses, for reasons that TypeScript can express, at least 95 % do not", {
  tags: ["clients.types-agree"],
}, () => {
  expect(trial.invalid.tried).toBeGreaterThan(trial.schemas);
  expect(trial.invalid.passed.length).toBeLessThanOrEqual(trial.invalid.tried * 0.05);
});
