import { named } from "./closest.ts";
import { callErrorOf, OrchestratorError } from "./errors.ts";
import { limits } from "./limits.ts";
import { type Bucket, takeToken } from "./policy/rate-limit.ts";
import type { CallReply, Clock, Progress, Store } from "./ports.ts";

/**
 * What the module `runtime` can ask for. It goes through the same one binding as every tool, under an id that no registry
 * entry can take, and never appears in the ledger: nothing outside the session is touched.
 */
export const runtimeId = "runtime";

export interface RuntimeCalls {
  call(name: string, argsJson: string): Promise<CallReply>;
}

interface RuntimeParts {
  store: Store;
  clock: Clock;
  /** The text `help()` shows, for one server or for all that are allowed. */
  help: (id: string | undefined) => unknown;
  onProgress: (progress: Progress) => void;
}

export function createRuntimeCalls({ store, clock, help, onProgress }: RuntimeParts): RuntimeCalls {
  let progressBucket: Bucket | undefined;

  /** Beyond the rate a notice is dropped: the next one says more. */
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
        return writeValue(store, valueKey(args[0]), args[1]);
      case "session.delete":
        return store.remove(valueKey(args[0]));
      case "session.list":
        return store.keys(valuePrefix).map((key) => key.slice(valuePrefix.length));
      case "results.get":
        return readResult({ store, clock }, String(args[0]));
      case "help":
        return help(args[0] === undefined || args[0] === null ? undefined : String(args[0]));
      case "progress":
        return report(readProgress(args));
      default:
        throw new OrchestratorError("tool_unknown", `runtime has no "${named(name)}".`);
    }
  }

  return {
    async call(name, argsJson) {
      try {
        return { ok: true, value: await answer(name, readArguments(argsJson)) };
      } catch (error) {
        return { ok: false, error: callErrorOf(error) };
      }
    },
  };
}

const valuePrefix = "value/";
const resultPrefix = "result/";

function readArguments(argsJson: string): unknown[] {
  try {
    const args: unknown = JSON.parse(argsJson);
    if (Array.isArray(args)) return args;
  } catch {
    // Refused below like any other wrong value.
  }
  throw new OrchestratorError("invalid_arguments", "The functions of runtime take JSON values.");
}

function valueKey(name: unknown): string {
  if (typeof name === "string" && name !== "" && name.length <= 200) return `${valuePrefix}${name}`;
  throw new OrchestratorError("invalid_arguments", "A session key is a string of 1 to 200 characters.");
}

function writeValue(store: Store, key: string, value: unknown): void {
  const chars = JSON.stringify(value ?? null).length;
  if (chars > limits.sessionValueCharsMax) {
    throw new OrchestratorError(
      "output_limit",
      `A session value has at most ${limits.sessionValueCharsMax} characters of JSON; this one has ${chars}.`,
    );
  }
  const isNew = store.read(key) === undefined;
  if (isNew && store.keys(valuePrefix).length >= limits.sessionValuesMax) {
    throw new OrchestratorError("output_limit", `A session keeps ${limits.sessionValuesMax} values; delete one first.`);
  }
  store.write(key, value ?? null);
}

function readProgress(args: unknown[]): Progress {
  const [progress, total, message] = args;
  if (typeof progress !== "number")
    throw new OrchestratorError("invalid_arguments", "progress(done, total?, message?) takes a number first.");
  return {
    progress,
    ...(typeof total === "number" ? { total } : {}),
    ...(typeof message === "string" ? { message: message.slice(0, limits.logLineCharsMax) } : {}),
  };
}

/**
 * Keeps a result for later runs of the session; the oldest make room. Its time is part of the key, so that what is old is
 * found without reading megabytes.
 */
export function keepResult(
  { store, clock }: { store: Store; clock: Clock },
  { handle, json }: { handle: string; json: string },
): void {
  store.write(`${resultPrefix}${String(clock.now()).padStart(timeDigits, "0")}/${handle}`, json);
  const oldestFirst = keptResults(store);
  const excess = oldestFirst.length - limits.resultsKeptMax;
  for (const [index, { key, keptAt }] of oldestFirst.entries()) {
    if (index < excess || clock.now() - keptAt > limits.resultKeptMs) store.remove(key);
  }
}

function readResult({ store, clock }: { store: Store; clock: Clock }, handle: string): unknown {
  const found = keptResults(store).find((kept) => kept.handle === handle);
  const json = found && clock.now() - found.keptAt <= limits.resultKeptMs ? store.read(found.key) : undefined;
  if (typeof json === "string") return JSON.parse(json);
  throw new OrchestratorError(
    "invalid_arguments",
    `No result "${named(handle)}" in this session; results are kept for an hour, the last ${limits.resultsKeptMax}.`,
  );
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
