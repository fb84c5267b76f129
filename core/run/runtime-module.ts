import type { CallReply } from "../calls/tool-caller.ts";
import type { Clock } from "../clock.ts";
import { named } from "../closest.ts";
import { callErrorOf, OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Progress } from "../mcp/upstream.ts";
import type { Store } from "../store.ts";
import { startOf } from "../text.ts";
import { type Bucket, takeToken } from "../token-bucket.ts";
import { PrintedBatch } from "./run-log.ts";

/**
 * The calls of the module `runtime`. They go through the same binding as tool calls, under an id that no registry entry can
 * take, and are not in the ledger, because they touch nothing outside the session.
 */
export const runtimeId = "runtime";

export interface RuntimeCalls {
  call(name: string, argsJson: string): Promise<CallReply>;
}

interface RuntimeParts {
  store: Store;
  clock: Clock;
  /** Answers `help(…args)` for the servers of the run. */
  help: (args: readonly unknown[]) => Promise<unknown>;
  onProgress: (progress: Progress) => void;
  /** Console lines, which arrive the same way. */
  onPrinted: (batch: PrintedBatch) => void;
  /** A value of the session was changed, which outlives the run. */
  onWrite: () => void;
  /** How long the run's time has stood still in all, once it does not. */
  heldMs: () => Promise<number>;
}

export function createRuntimeCalls({ store, clock, help, onProgress, onPrinted, onWrite, heldMs }: RuntimeParts): RuntimeCalls {
  let progressBucket: Bucket | undefined;

  /** A notification over the rate is dropped: the next one is newer. */
  function report(progress: Progress): void {
    const { bucket, waitMs } = takeToken(progressBucket, { perMinute: limits.progressPerMinute, now: clock.now() });
    progressBucket = bucket;
    if (waitMs === 0) onProgress(progress);
  }

  async function answer(name: string, args: unknown[]): Promise<unknown> {
    switch (name) {
      case "session.get":
        return store.read(valueKey(args[0]));
      case "session.set":
        onWrite();
        return writeValue(store, valueKey(args[0]), args[1]);
      case "session.delete":
        onWrite();
        return store.remove(valueKey(args[0]));
      case "session.list":
        return store.keys(valuePrefix).map((key) => key.slice(valuePrefix.length));
      case "results.get":
        return readResult({ store, clock }, args[0]);
      case "help":
        return help(args);
      case "progress":
        return report(readProgress(args));
      case "time.held":
        return heldMs();
      case "print":
        return onPrinted(readPrinted(args));
      default:
        throw new OrchestratorError("tool_unknown", `runtime has no "${named(name)}".`);
    }
  }

  return {
    async call(name, argsJson) {
      try {
        return { ok: true, value: await answer(name, readArguments(name, argsJson)) };
      } catch (error) {
        return { ok: false, error: callErrorOf(error) };
      }
    },
  };
}

const valuePrefix = "value/";
const resultPrefix = "result/";

function readArguments(name: string, argsJson: string): unknown[] {
  if (argsJson.length > limits.callArgumentsCharsMax) {
    const most = name === "session.set" ? limits.sessionValueCharsMax : limits.callArgumentsCharsMax;
    throw new OrchestratorError("output_limit", `${named(name)} takes at most ${most} characters of JSON; this is more.`);
  }
  try {
    const args: unknown = JSON.parse(argsJson);
    if (Array.isArray(args)) return args;
  } catch {
    // Refused below like any other wrong value.
  }
  throw new OrchestratorError("invalid_arguments", `${named(name)} takes JSON values.`);
}

function valueKey(name: unknown): string {
  if (typeof name === "string" && name !== "" && name.length <= 200) return `${valuePrefix}${name}`;
  throw new OrchestratorError("invalid_arguments", "A session key is a string of 1 to 200 characters.");
}

function writeValue(store: Store, key: string, value: unknown): void {
  const name = key.slice(valuePrefix.length);
  const chars = JSON.stringify(value ?? null).length;
  if (chars > limits.sessionValueCharsMax) {
    throw new OrchestratorError(
      "output_limit",
      `A session value has at most ${limits.sessionValueCharsMax} characters of JSON; "${named(name)}" has ${chars}. Keep a part of it, or several.`,
    );
  }
  const before = store.read(key);
  const isNew = before === undefined;
  if (isNew && store.keys(valuePrefix).length >= limits.sessionValuesMax) {
    throw new OrchestratorError(
      "output_limit",
      `A session keeps ${limits.sessionValuesMax} values, so there is no room for "${named(name)}". session.delete(key) makes some.`,
    );
  }
  store.write(key, value ?? null);
  const bytes = store.bytes(valuePrefix);
  if (bytes <= limits.sessionValuesBytesMax) return;
  if (isNew) store.remove(key);
  else store.write(key, before);
  throw new OrchestratorError(
    "output_limit",
    `The values of a session have at most ${limits.sessionValuesBytesMax} bytes together; with "${named(name)}" they would have ${bytes}. session.delete(key) makes room.`,
  );
}

function readProgress(args: unknown[]): Progress {
  const [progress, total, message] = args;
  if (typeof progress !== "number")
    throw new OrchestratorError("invalid_arguments", "progress(done, total?, message?) takes a number first.");
  return {
    progress,
    ...(typeof total === "number" ? { total } : {}),
    ...(typeof message === "string" ? { message: startOf(message, limits.logLineCharsMax).toWellFormed() } : {}),
  };
}

/** @throws OrchestratorError for what our own file in the isolate never sends */
function readPrinted(args: unknown[]): PrintedBatch {
  const batch = PrintedBatch.safeParse(args[0]);
  if (batch.success) return batch.data;
  throw new OrchestratorError("invalid_arguments", "That is no batch of console lines.");
}

/**
 * Keeps a result for later runs of the session; the oldest make room. Its time is part of the key, so that what is old is
 * found without reading megabytes.
 */
export function keepResult(
  { store, clock }: { store: Store; clock: Clock },
  { handle, result }: { handle: string; result: unknown },
): void {
  const key = `${resultPrefix}${String(clock.now()).padStart(timeDigits, "0")}/${handle}`;
  store.write(key, result);
  const oldestFirst = keptResults(store);
  for (const [index, old] of oldestFirst.entries()) {
    const isOver = oldestFirst.length - index > limits.resultsKeptMax || store.bytes(resultPrefix) > limits.resultsKeptBytesMax;
    if (old.key !== key && (isOver || isExpired(old, clock))) store.remove(old.key);
  }
}

function readResult({ store, clock }: { store: Store; clock: Clock }, handle: unknown): unknown {
  if (typeof handle !== "string") {
    throw new OrchestratorError("invalid_arguments", "results.get(handle) takes the `handle` that an answer came with.");
  }
  const found = keptResults(store).find((kept) => kept.handle === handle);
  if (found && !isExpired(found, clock)) return store.read(found.key);
  throw new OrchestratorError(
    "invalid_arguments",
    `No result "${named(handle)}" in this session; the last ${limits.resultsKeptMax} are kept, for ${limits.resultKeptMs / 60_000} minutes and within ${limits.resultsKeptBytesMax} bytes. Run the program again.`,
  );
}

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
