import type { CallRecord } from "../calls/ledger.ts";
import type { Clock } from "../clock.ts";
import { named } from "../closest.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { ErrorCode, OrchestratorError, type PublicError, toPublicError } from "../errors.ts";
import { isDeeperJson } from "../json.ts";
import { cpuLimitMessage, memoryLimitMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";
import type { RunLine } from "../log-line.ts";
import { RefusedProgram } from "../program/reader.ts";
import type { Store } from "../store.ts";
import { keepResult } from "./kept-results.ts";
import type { Prepared } from "./prepare.ts";
import type { SandboxReport } from "./sandbox.ts";

interface Ending {
  report: SandboxReport | undefined;
  /** What was thrown before or around the sandbox. */
  failure: unknown;
  /** Undefined if the program did not start. */
  prepared: Prepared | undefined;
  input: ExecuteInput;
  isCancelled: boolean;
  keep: { store: Store; clock: Clock; newHandle: () => string };
}

/**
 * The outcome of a run: result or error. The report comes from the isolate and is not trusted. Never throws, so that an answer always
 * lists the calls that were made.
 */
export function outcomeOf(ending: Ending): Pick<Outcome, "ok" | "result" | "handle" | "errors" | "hint"> {
  const { report, failure } = ending;
  try {
    if (report?.outcome.kind === "returned") return returnedOutcome(report.outcome, ending);
    return { ok: false, errors: failure instanceof RefusedProgram ? failure.errors : [errorOf(ending)] };
  } catch (error) {
    return { ok: false, errors: [toPublicError(error)] };
  }
}

type Returned = Extract<SandboxReport["outcome"], { kind: "returned" }>;

function returnedOutcome(returned: Returned, { prepared, keep }: Ending): Pick<Outcome, "ok" | "result" | "handle" | "hint"> {
  const { resultJson } = returned;
  if (resultJson === undefined) return { ok: true, ...(prepared?.hasResult === false ? { hint: noResultHint } : {}) };
  return { ok: true, ...resultOf(resultJson, returned.previewJson, keep) };
}

const noResultHint = "The program returned nothing. `return` a value at the top level, or export default one.";

function resultOf(
  resultJson: string,
  previewJson: string | undefined,
  keep: Ending["keep"],
): { result: unknown; handle?: string } {
  if (resultJson.length > limits.resultCharsMax) throw resultTooLarge();
  if (isDeeperJson(resultJson, limits.resultDepthMax)) throw resultTooDeep();
  if (resultJson.length <= limits.resultCharsInline) return { result: parseResult(resultJson) };
  // The sandbox leaves the preview out if it could not read the result.
  if (previewJson === undefined || previewJson.length > limits.resultCharsInline) throw unreadable();
  const result = parseResult(previewJson);
  const handle = keep.newHandle();
  keepResult(keep, { handle, resultJson });
  return { result, handle };
}

/** @param path where it nests too deep, if the isolate noticed */
function resultTooDeep(path?: string): OrchestratorError {
  const place = path === undefined ? "" : `, at ${path}`;
  return new OrchestratorError(
    "output_limit",
    `The result nests deeper than ${limits.resultDepthMax} levels${place}. Return a flatter one.`,
  );
}

function resultTooLarge(): OrchestratorError {
  return new OrchestratorError(
    "output_limit",
    `The result is longer than the ${limits.resultCharsMax} characters of JSON that may leave a run. Return less, or keep parts with session.set().`,
  );
}

function parseResult(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause?: unknown): OrchestratorError {
  return new OrchestratorError("uncaught_exception", "What the program returned does not read as JSON.", { cause });
}

function errorOf({ report, failure, prepared, input, isCancelled }: Ending): PublicError {
  if (isCancelled)
    return toPublicError(new OrchestratorError("cancelled", "The request was cancelled, and the program with it."));
  if (report === undefined) return toPublicError(failure);
  switch (report.outcome.kind) {
    case "returned":
      throw new Error("a returned program has no error");
    case "timed_out":
      return toPublicError(
        new OrchestratorError(
          "run_timeout",
          `The program did not finish within ${input.maxRuntimeMs} ms. Do less in one run, or raise maxRuntimeMs (at most ${limits.runMsMax}).`,
        ),
      );
    case "too_large":
      return toPublicError(resultTooLarge());
    case "too_deep":
      return toPublicError(resultTooDeep(report.outcome.path));
    case "cpu_exceeded":
      return toPublicError(
        new OrchestratorError(
          "cpu_limit",
          cpuLimitMessage(input.maxRuntimeMs),
          prepared?.positions.positionIn(report.outcome.stack),
        ),
      );
    case "memory_exceeded":
      return toPublicError(new OrchestratorError("memory_limit", memoryLimitMessage));
    case "not_loaded":
      return toPublicError(
        new OrchestratorError("syntax_error", report.outcome.message, {
          phase: "load",
          ...prepared?.positions.positionIn(report.outcome.message),
        }),
      );
    case "threw":
      return thrownError(report.outcome, prepared);
  }
}

/** The gate never gives more suggestions; more would be forged in the isolate. */
const suggestionsMax = 5;

function thrownError(thrown: Extract<SandboxReport["outcome"], { kind: "threw" }>, prepared: Prepared | undefined): PublicError {
  const code = ErrorCode.safeParse(thrown.code);
  return toPublicError(
    new OrchestratorError(
      code.success ? code.data : "uncaught_exception",
      thrown.message || "The program threw an error without a message.",
      {
        ...(thrown.server === undefined ? {} : { server: named(thrown.server) }),
        ...(thrown.tool === undefined ? {} : { tool: named(thrown.tool) }),
        ...(thrown.suggestions === undefined ? {} : { suggestions: thrown.suggestions.slice(0, suggestionsMax).map(named) }),
        ...prepared?.positions.positionIn(thrown.stack),
      },
    ),
  );
}

/** What `execute_mcp_code` answers. Empty fields are left out. */
export interface Outcome {
  ok: boolean;
  result?: unknown;
  /** Set when `result` is only a preview: `results.get(handle)` in a later run reads the whole. */
  handle?: string;
  logs?: RunLine[];
  logsDropped?: number;
  errors?: PublicError[];
  calls?: CallRecord[];
  /** How many calls were left out of `calls` because it is full. */
  callsOmitted?: number;
  durationMs: number;
  /** Set when a run succeeded and still returned nothing useful. */
  hint?: string;
}
