import { expect, test } from "vitest";
import { tryRandomSchemas } from "../../support/schema-trial.ts";

/* A fixed seed; `node test/support/schema-trial-run.ts 10000` tries any number of schemas. */
const trial = tryRandomSchemas({ count: 400, seed: 2026 });

test("clients of random schemas compile under strict, without any for a typed part", { tags: ["clients.types"] }, () => {
  expect(trial.broken).toEqual([]);
  expect(trial.leaks).toEqual([]);
});

test("arguments that a JSON Schema validator accepts also type-check", { tags: ["clients.types-agree"] }, () => {
  expect(trial.valid.tried).toBeGreaterThan(trial.schemas);
  expect(trial.valid.refused).toEqual([]);
});

test("at least 95 % of the arguments that the validator rejects are type errors too, where TypeScript can express the reason", {
  tags: ["clients.types-agree"],
}, () => {
  expect(trial.invalid.tried).toBeGreaterThan(trial.schemas);
  expect(trial.invalid.passed.length).toBeLessThanOrEqual(trial.invalid.tried * 0.05);
});
