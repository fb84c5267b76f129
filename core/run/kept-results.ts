import type { Clock } from "../clock.ts";
import { named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Store } from "../store.ts";

/*
 * Results that were too large to be shown, kept for later runs of the session. They are JSON text that the session never reads,
 * because each may be megabytes.
 */

interface Kept {
  store: Store;
  clock: Clock;
}

/**
 * Keeps a result for later runs of the session; the oldest make room. Its time is part of the key, so that what is old is
 * found without reading megabytes.
 */
export function keepResult({ store, clock }: Kept, { handle, resultJson }: { handle: string; resultJson: string }): void {
  const key = `${resultPrefix}${String(clock.now()).padStart(timeDigits, "0")}/${handle}`;
  store.writeJson(key, resultJson);
  const oldestFirst = keptResults(store);
  for (const [index, old] of oldestFirst.entries()) {
    const isOver = oldestFirst.length - index > limits.resultsKeptMax || store.bytes(resultPrefix) > limits.resultsKeptBytesMax;
    if (old.key !== key && (isOver || isExpired(old, clock))) store.remove(old.key);
  }
}

/**
 * The JSON text of a kept result.
 * @throws OrchestratorError `invalid_arguments`
 */
export function readResult({ store, clock }: Kept, handle: unknown): string {
  if (typeof handle !== "string") {
    throw new OrchestratorError("invalid_arguments", "results.get(handle) takes the `handle` that an answer came with.");
  }
  const found = keptResults(store).find((kept) => kept.handle === handle);
  const resultJson = found && !isExpired(found, clock) ? store.readJson(found.key) : undefined;
  if (resultJson !== undefined) return resultJson;
  throw new OrchestratorError(
    "invalid_arguments",
    `No result "${named(handle)}" in this session; the last ${limits.resultsKeptMax} are kept, for ${limits.resultKeptMs / 60_000} minutes and within ${limits.resultsKeptBytesMax} bytes. Run the program again.`,
  );
}

const resultPrefix = "result/";

function isExpired({ keptAt }: { keptAt: number }, clock: Clock): boolean {
  return clock.now() - keptAt > limits.resultKeptMs;
}

/** Digits of a time in milliseconds until the year 33658; with all of them, keys are in the order of time. */
const timeDigits = 15;

function keptResults(store: Store): { key: string; keptAt: number; handle: string }[] {
  return store.keys(resultPrefix).map((key) => ({
    key,
    keptAt: Number(key.slice(resultPrefix.length, resultPrefix.length + timeDigits)),
    handle: key.slice(resultPrefix.length + timeDigits + 1),
  }));
}
