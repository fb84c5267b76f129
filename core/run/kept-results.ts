import type { Clock } from "../clock.ts";
import { named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Store } from "../store.ts";
import { answerLimits } from "./answer-limits.ts";

/*
 * Results that were too large to be shown, and what else an answer leaves out (calls, errors, logs), kept for later runs of the
 * session. They are JSON text that the session never reads, because each may be megabytes.
 */

interface Kept {
  store: Store;
  clock: Clock;
}

/** A kind of what is kept, with its own bounds: the details of many runs must not make a result disappear. */
interface Shelf {
  prefix: string;
  countMax: number;
  bytesMax: number;
}

const results: Shelf = { prefix: "result/", countMax: limits.resultsKeptMax, bytesMax: limits.resultsKeptBytesMax };
const details: Shelf = {
  prefix: "calls/",
  countMax: answerLimits.detailsKeptMax,
  bytesMax: answerLimits.detailsKeptBytesMax,
};

/** Keeps a result for later runs of the session; the oldest make room. */
export function keepResult(kept: Kept, { handle, resultJson }: { handle: string; resultJson: string }): void {
  keepOn(results, kept, { handle, json: resultJson });
}

/** The same for what an answer leaves out of a run beside its result. */
export function keepDetails(kept: Kept, { handle, json }: { handle: string; json: string }): void {
  keepOn(details, kept, { handle, json });
}

/** The time is part of the key, so that what is old is found without reading megabytes. */
function keepOn(
  { prefix, countMax, bytesMax }: Shelf,
  { store, clock }: Kept,
  { handle, json }: { handle: string; json: string },
): void {
  const key = `${prefix}${String(clock.now()).padStart(timeDigits, "0")}/${handle}`;
  store.writeJson(key, json);
  const oldestFirst = keptOn(prefix, store);
  for (const [index, old] of oldestFirst.entries()) {
    const isOver = oldestFirst.length - index > countMax || store.bytes(prefix) > bytesMax;
    if (old.key !== key && (isOver || isExpired(old, clock))) store.remove(old.key);
  }
}

/**
 * The JSON text of a kept result.
 * @throws OrchestratorError `invalid_arguments`
 */
export function readResult({ store, clock }: Kept, handle: unknown): string {
  if (typeof handle !== "string") {
    throw new OrchestratorError(
      "invalid_arguments",
      "results.get(handle) takes the `handle`, `callsHandle` or `wholeHandle` that an answer came with.",
    );
  }
  const found = [results, details].flatMap(({ prefix }) => keptOn(prefix, store)).find((kept) => kept.handle === handle);
  const resultJson = found && !isExpired(found, clock) ? store.readJson(found.key) : undefined;
  if (resultJson !== undefined) return resultJson;
  throw new OrchestratorError(
    "invalid_arguments",
    `No result "${named(handle)}" in this session; the last ${limits.resultsKeptMax} are kept, for ${limits.resultKeptMs / 60_000} minutes and within ${limits.resultsKeptBytesMax} bytes. Run the program again.`,
  );
}

export function removeResult(store: Store, handle: string): void {
  for (const kept of keptResults(store)) {
    if (kept.handle === handle) store.remove(kept.key);
  }
}

function isExpired({ keptAt }: { keptAt: number }, clock: Clock): boolean {
  return clock.now() - keptAt > limits.resultKeptMs;
}

/** Digits of a time in milliseconds until the year 33658; with all of them, keys are in the order of time. */
const timeDigits = 15;

export function keptResults(store: Store): { key: string; keptAt: number; handle: string }[] {
  return keptOn(results.prefix, store);
}

function keptOn(prefix: string, store: Store): { key: string; keptAt: number; handle: string }[] {
  return store.keys(prefix).map((key) => ({
    key,
    keptAt: Number(key.slice(prefix.length, prefix.length + timeDigits)),
    handle: key.slice(prefix.length + timeDigits + 1),
  }));
}
