import type { CallReply } from "../calls/tool-caller.ts";
import type { Clock } from "../clock.ts";
import { named } from "../closest.ts";
import { callErrorOf, OrchestratorError } from "../errors.ts";
import type { FileCalls } from "../files/file-calls.ts";
import { isDeeperJson } from "../json.ts";
import { limits } from "../limits.ts";
import type { Progress } from "../mcp/upstream.ts";
import type { Store } from "../store.ts";
import { startOf } from "../text.ts";
import { type Bucket, takeToken } from "../token-bucket.ts";
import { readResult } from "./kept-results.ts";
import { PrintedBatch } from "./run-log.ts";
import { runtimeLimits } from "./runtime-limits.ts";
import { createRuntimeQuota } from "./runtime-quota.ts";
import { valueKey, valueNames, writeValue } from "./session-values.ts";

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
  /** Left out for a saved program that may not use them. */
  files?: FileCalls | undefined;
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
  /** Aborts when the run ends. */
  signal: AbortSignal;
}

export function createRuntimeCalls(parts: RuntimeParts): RuntimeCalls {
  const quota = createRuntimeQuota(parts);
  const report = createReports(parts);

  async function answerInTurn(name: string, argsJson: string): Promise<CallReply> {
    using _place = quota.enter(argsJson.length);
    const reply = await quota.inTurn(() => answer(parts, name, readArguments(name, argsJson)));
    if (reply.ok && reply.valueJson !== undefined) quota.spend(reply.valueJson.length);
    return reply;
  }

  return {
    async call(name, argsJson) {
      try {
        switch (name) {
          // Bounded by themselves. What the runtime says of the run must arrive however much the program asks for.
          case "progress":
            return valueReply(report(readProgress(readArguments(name, argsJson))));
          case "time.held":
            return valueReply(await parts.heldMs());
          case "print":
            return valueReply(parts.onPrinted(readPrinted(readArguments(name, argsJson))));
          default:
            return await answerInTurn(name, argsJson);
        }
      } catch (error) {
        return { ok: false, error: callErrorOf(error) };
      }
    },
  };
}

/** What a program asks for. */
async function answer({ store, files, clock, help, onWrite }: RuntimeParts, name: string, args: unknown[]): Promise<CallReply> {
  if (name.startsWith("files.")) {
    if (files === undefined) throw noFiles();
    return jsonReply(JSON.stringify(await files.call(name, args)));
  }
  switch (name) {
    case "session.get":
      return jsonReply(store.readJson(valueKey(args[0])));
    case "session.set":
      onWrite();
      return valueReply(writeValue(store, valueKey(args[0]), args[1]));
    case "session.delete":
      onWrite();
      return valueReply(store.remove(valueKey(args[0])));
    case "session.list":
      return valueReply(valueNames(store));
    case "results.get":
      return jsonReply(readResult({ store, clock }, args[0]));
    case "help":
      return jsonReply(JSON.stringify(await help(args)));
    default:
      throw new OrchestratorError("tool_unknown", `runtime has no "${named(name)}".`);
  }
}

function noFiles(): OrchestratorError {
  const message =
    "This program has no files: its allowedMcpIds leave out sandbox, whose sessions share them. Name sandbox there.";
  return new OrchestratorError("server_not_allowed", message, { server: "sandbox", rule: "allowedMcpIds", limit: "sandbox" });
}

/** Passes on progress. A notification over the rate is dropped: the next one is newer. */
function createReports({ clock, onProgress }: RuntimeParts): (progress: Progress) => void {
  let last: Bucket | undefined;
  return (progress) => {
    const { bucket, waitMs } = takeToken(last, { perMinute: limits.progressPerMinute, now: clock.now() });
    last = bucket;
    if (waitMs === 0) onProgress(progress);
  };
}

function valueReply(value: unknown): CallReply {
  return { ok: true, value };
}

function jsonReply(valueJson: string | undefined): CallReply {
  return valueJson === undefined ? { ok: true, value: undefined } : { ok: true, valueJson };
}

function readArguments(name: string, argsJson: string): unknown[] {
  // Lines of a run come in batches that may be longer than any value.
  const charsMax = name === "print" ? limits.callArgumentsCharsMax : runtimeLimits.runtimeArgumentsCharsMax;
  if (argsJson.length > charsMax) {
    const most = name === "session.set" ? limits.sessionValueCharsMax : charsMax;
    throw new OrchestratorError("output_limit", `${named(name)} takes at most ${most} characters of JSON; this is more.`);
  }
  // One level is the list of arguments.
  if (isDeeperJson(argsJson, limits.argumentsDepthMax + 1)) {
    throw new OrchestratorError(
      "output_limit",
      `${named(name)} takes at most ${limits.argumentsDepthMax} levels; this nests deeper.`,
    );
  }
  try {
    const args: unknown = JSON.parse(argsJson);
    if (Array.isArray(args)) return args;
  } catch {
    // Refused below like any other wrong value.
  }
  throw new OrchestratorError("invalid_arguments", `${named(name)} takes JSON values.`);
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
