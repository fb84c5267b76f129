import { OrchestratorError, toPublicError } from "./errors.ts";
import { limits } from "./limits.ts";
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
        return onProgress(readProgress(args));
      default:
        throw new OrchestratorError("tool_unknown", `runtime has no "${name}".`);
    }
  }

  return {
    async call(name, argsJson) {
      try {
        const args: unknown = JSON.parse(argsJson);
        return { ok: true, value: await answer(name, Array.isArray(args) ? args : []) };
      } catch (error) {
        const { code, message } = toPublicError(error);
        return { ok: false, error: { code, message } };
      }
    },
  };
}

const valuePrefix = "value/";
const resultPrefix = "result/";

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

/** Keeps a result for later runs of the session; the oldest make room. */
export function keepResult(
  { store, clock }: { store: Store; clock: Clock },
  { handle, json }: { handle: string; json: string },
): void {
  store.write(`${resultPrefix}${handle}`, { keptAt: clock.now(), json });
  const kept = store.keys(resultPrefix).map((key) => ({ key, keptAt: keptAtOf(store.read(key)) }));
  const oldestFirst = kept.sort((a, b) => a.keptAt - b.keptAt);
  const excess = Math.max(0, kept.length - limits.resultsKeptMax);
  for (const [index, { key, keptAt }] of oldestFirst.entries()) {
    if (index < excess || clock.now() - keptAt > limits.resultKeptMs) store.remove(key);
  }
}

function readResult({ store, clock }: { store: Store; clock: Clock }, handle: string): unknown {
  const found = store.read(`${resultPrefix}${handle}`);
  const isThere = isKept(found) && clock.now() - found.keptAt <= limits.resultKeptMs;
  if (!isThere)
    throw new OrchestratorError("invalid_arguments", `No result "${handle}" in this session; results are kept for an hour.`);
  return JSON.parse(found.json);
}

function isKept(value: unknown): value is { keptAt: number; json: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "json" in value &&
    typeof value.json === "string" &&
    "keptAt" in value &&
    typeof value.keptAt === "number"
  );
}

function keptAtOf(value: unknown): number {
  return isKept(value) ? value.keptAt : 0;
}
