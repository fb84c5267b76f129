import type { CallRecord } from "../calls/ledger.ts";
import type { Clock } from "../clock.ts";
import { named } from "../closest.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { ErrorCode, OrchestratorError, type PublicError, toPublicError } from "../errors.ts";
import { isDeeperJson } from "../json.ts";
import { cpuLimitMessage, memoryLimitMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";
import type { RunLine } from "../log-line.ts";
import type { Draft } from "../program/draft.ts";
import { positionIn } from "../program/stack-positions.ts";
import { TypeErrors } from "../program/type-check.ts";
import type { Store } from "../store.ts";
import { keepResult } from "./kept-results.ts";
import type { SandboxReport } from "./sandbox.ts";

interface Ending {
  report: SandboxReport | undefined;
  /** What was thrown before or around the sandbox. */
  failure: unknown;
  draft: Draft | undefined;
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
    return { ok: false, errors: failure instanceof TypeErrors ? failure.errors : [errorOf(ending)] };
  } catch (error) {
    return { ok: false, errors: [toPublicError(error)] };
  }
}

type Returned = Extract<SandboxReport["outcome"], { kind: "returned" }>;

function returnedOutcome(returned: Returned, { draft, keep }: Ending): Pick<Outcome, "ok" | "result" | "handle" | "hint"> {
  const { resultJson } = returned;
  if (resultJson === undefined) return { ok: true, ...(draft && !entryHasResult(draft) ? { hint: noResultHint } : {}) };
  return { ok: true, ...resultOf(resultJson, returned.previewJson, keep) };
}

const noResultHint = "The program returned nothing. `return` a value at the top level, or export default one.";

function entryHasResult(draft: Draft): boolean {
  return draft.files.get(draft.entry)?.hasResult === true;
}

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

function errorOf({ report, failure, draft, input, isCancelled }: Ending): PublicError {
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
        new OrchestratorError("cpu_limit", cpuLimitMessage(input.maxRuntimeMs), positionIn(report.outcome.stack, draft)),
      );
    case "memory_exceeded":
      return toPublicError(new OrchestratorError("memory_limit", memoryLimitMessage));
    case "not_loaded":
      return toPublicError(
        new OrchestratorError("syntax_error", report.outcome.message, {
          phase: "load",
          ...positionIn(report.outcome.message, draft),
        }),
      );
    case "threw":
      return thrownError(report.outcome, draft);
  }
}

/** The gate never gives more suggestions; more would be forged in the isolate. */
const suggestionsMax = 5;

function thrownError(thrown: Extract<SandboxReport["outcome"], { kind: "threw" }>, draft: Draft | undefined): PublicError {
  const code = ErrorCode.safeParse(thrown.code);
  return toPublicError(
    new OrchestratorError(
      code.success ? code.data : "uncaught_exception",
      thrown.message || "The program threw an error without a message.",
      {
        ...(thrown.server === undefined ? {} : { server: named(thrown.server) }),
        ...(thrown.tool === undefined ? {} : { tool: named(thrown.tool) }),
        ...(thrown.suggestions === undefined ? {} : { suggestions: thrown.suggestions.slice(0, suggestionsMax).map(named) }),
        ...positionIn(thrown.stack, draft),
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
