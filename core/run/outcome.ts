import type { CallEntry } from "../calls/call-summary.ts";
import type { Clock } from "../clock.ts";
import { named } from "../closest.ts";
import { ErrorCode, OrchestratorError, type PublicError, toPublicError } from "../errors.ts";
import { isDeeperJson } from "../json.ts";
import { cpuLimitMessage, memoryLimitMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";
import type { RunLine } from "../log-line.ts";
import { RefusedProgram } from "../program/reader.ts";
import type { Store } from "../store.ts";
import { wellFormed } from "../text.ts";
import { keepResult } from "./kept-results.ts";
import { type ReturnedImage, withHandle } from "./media.ts";
import { type OperatorBounds, refuseLargeResult, runMsMaxOf } from "./operator-bounds.ts";
import type { Prepared } from "./prepare.ts";
import type { ShownResult } from "./preview.ts";
import type { SandboxReport } from "./sandbox.ts";
import type { ToolValues } from "./tool-values.ts";

interface Ending {
  report: SandboxReport | undefined;
  /** What was thrown before or around the sandbox. */
  failure: unknown;
  /** Undefined if the program did not start. */
  prepared: Prepared | undefined;
  runMs: number;
  values: ToolValues;
  /** The caller sent `args`. */
  hasArgs: boolean;
  isCancelled: boolean;
  keep: { store: Store; clock: Clock; newHandle: () => string };
  bounds: OperatorBounds;
  /** What gives the program more time, if it is not `maxRuntimeMs`. */
  moreTime?: string | undefined;
}

/**
 * The outcome of a run: result or error. The report comes from the isolate and is not trusted. Never throws, so that an answer always
 * lists the calls that were made.
 */
export function outcomeOf(ending: Ending): Ended {
  const { report, failure } = ending;
  try {
    if (report?.outcome.kind === "returned") {
      const unawaited = ending.prepared?.letsCallsGo === true ? 0 : report.unawaited;
      return withUnawaited(returnedOutcome(report.outcome, ending), unawaited);
    }
    return { ok: false, errors: failure instanceof RefusedProgram ? failure.errors : [errorOf(ending)] };
  } catch (error) {
    return { ok: false, errors: [toPublicError(error)] };
  }
}

type Ended = Pick<Outcome, "ok" | "result" | "handle" | "images" | "errors" | "hint">;

type Returned = Extract<SandboxReport["outcome"], { kind: "returned" }>;

function returnedOutcome({ resultJson, shown, isCode }: Returned, { prepared, values, keep, bounds }: Ending): Ended {
  if (resultJson === undefined && prepared?.hasResult === false) return { ok: true, hint: noResultHint(prepared) };
  if (resultJson === undefined && isCode === true) return { ok: true, hint: codeHint };
  const told = values.hintForHollow(resultJson);
  if (resultJson === undefined) return { ok: true, hint: `The program returned undefined${told ? `; ${told}` : ""}.` };
  refuseLargeResult(resultJson, bounds);
  return { ok: true, ...resultOf({ resultJson, shown }, keep), ...(told ? { hint: `The result holds no value; ${told}.` } : {}) };
}

/** What was not awaited is most often missing in the result. */
function withUnawaited(ended: Ended, calls = 0): Ended {
  if (calls === 0 || !ended.ok) return ended;
  const many = calls === 1 ? "1 call had" : `${calls} calls had`;
  const told = `${many} no answer yet when the program returned: \`await\` each, or all with Promise.all.`;
  return { ...ended, hint: ended.hint === undefined ? told : `${ended.hint} ${told}` };
}

function noResultHint({ idle }: Prepared): string {
  if (idle === undefined) return "The program returned nothing. `return` a value at the top level, or export default one.";
  return `The program returned nothing: \`${named(idle)}\` is never called. Name it main, or export it as default.`;
}

const codeHint = "The program returned a function, which is no value of JSON: call it, or return what it makes.";

function resultOf(
  { resultJson, shown }: { resultJson: string; shown: ShownResult | undefined },
  keep: Ending["keep"],
): Pick<Outcome, "result" | "handle" | "images" | "hint"> {
  if (resultJson.length > limits.resultCharsMax) throw resultTooLarge();
  if (isDeeperJson(resultJson, limits.resultDepthMax)) throw resultTooDeep();
  if (shown === undefined) {
    // The sandbox leaves out what is shown of a long result only if it could not read it.
    if (resultJson.length > limits.resultCharsInline) throw unreadable();
    return { result: parseResult(resultJson) };
  }
  if (isDeeperJson(shown.json, limits.resultDepthMax)) throw resultTooDeep();
  const images = shown.images.length === 0 ? {} : { images: shown.images };
  if (!shown.isPartial) return { result: parseResult(shown.json), ...images };
  const handle = keep.newHandle();
  keepResult(keep, { handle, resultJson });
  const result = withHandle(parseResult(shown.json), handle);
  // What is left out as a whole has the handle in its place.
  if (shown.json.includes('"handle":null')) return { result, handle, ...images };
  const hint = `Only a part is shown: results.get("${handle}") of "runtime" is the whole result, in a later run.`;
  return { result, handle, hint, ...images };
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

function errorOf(ending: Ending): PublicError {
  const { report, failure, prepared, runMs, values, hasArgs, isCancelled, bounds, moreTime } = ending;
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
          `The program did not finish within ${runMs} ms. Do less in one run, or raise ${moreTime ?? `maxRuntimeMs (at most ${runMsMaxOf(bounds)})`}.`,
        ),
      );
    case "too_large":
      return toPublicError(resultTooLarge());
    case "too_deep":
      return toPublicError(resultTooDeep(report.outcome.path));
    case "cpu_exceeded":
      return toPublicError(
        new OrchestratorError("cpu_limit", cpuLimitMessage(runMs), prepared?.positions.positionIn(report.outcome.stack)),
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
      return thrownError(report.outcome, { prepared, values, hasArgs });
  }
}

/** The gate never gives more suggestions; more would be forged in the isolate. */
const suggestionsMax = 5;

type Thrown = Extract<SandboxReport["outcome"], { kind: "threw" }>;

function thrownError(
  thrown: Thrown,
  { prepared, values, hasArgs }: Pick<Ending, "prepared" | "values" | "hasArgs">,
): PublicError {
  const code = ErrorCode.safeParse(thrown.code);
  const at = prepared?.positions.positionIn(thrown.stack);
  const isOfArgs = !hasArgs && isOfMissingArgs(thrown.message, at?.frame ?? "");
  const told = isOfArgs
    ? "no `args` were sent with this program"
    : (hintOnWords(thrown.message) ?? values.hintFor(thrown.message));
  const hint = thrown.server === undefined ? told : timeoutHint(thrown);
  return toPublicError(
    new OrchestratorError(
      code.success ? code.data : "uncaught_exception",
      `${thrown.message || "The program threw an error without a message."}${hint === undefined ? "" : ` (${hint})`}`,
      {
        ...(thrown.server === undefined ? {} : { server: named(thrown.server) }),
        ...(thrown.tool === undefined ? {} : { tool: named(thrown.tool) }),
        ...(thrown.suggestions === undefined ? {} : { suggestions: thrown.suggestions.slice(0, suggestionsMax).map(named) }),
        ...(thrown.rule === undefined ? {} : { rule: named(thrown.rule) }),
        ...(thrown.limit === undefined ? {} : { limit: typeof thrown.limit === "string" ? named(thrown.limit) : thrown.limit }),
        ...(thrown.retryAfterMs === undefined ? {} : { retryAfterMs: thrown.retryAfterMs }),
        ...at,
      },
    ),
  );
}

/** What the language's own words do not say. */
function hintOnWords(message: string): string | undefined {
  const [, name] = /^TypeError: Class constructor ([\w$]+) cannot be invoked without 'new'/.exec(message) ?? [];
  if (name !== undefined) return `a default export is called: export default (args) => new ${named(name)}().run(args)`;
  if (message.startsWith("EvalError: Code generation")) return "no text is run here: write the code itself";
  return message === "RangeError: Invalid time value" ? "Date reads ISO 8601, as 2026-11-30T08:00:00Z" : undefined;
}

/** What a caller can do when a server was too slow. A call that had only the rest of the run's time says so itself. */
function timeoutHint({ code, server, message }: Thrown): string | undefined {
  if (code !== "call_timeout" || server === undefined || /maxRuntimeMs|limits\./.test(message)) return undefined;
  return `the call may still happen; limits.timeoutMs of ${named(server)} in the registry sets this time`;
}

/** A value that is read on a line with `args`, or taken apart as the parameter of a function. */
function isOfMissingArgs(message: string, frame: string): boolean {
  if (/^TypeError: Cannot destructure property .* of 'undefined' /.test(message)) return true;
  return /^TypeError: Cannot (?:read properties of undefined|destructure) /.test(message) && /^> .*\bargs\b/m.test(frame);
}

/** What `execute_mcp_code` answers. Empty fields are left out. */
export interface Outcome {
  ok: boolean;
  result?: unknown;
  /** Set when `result` is a preview, or names what cannot be shown: `results.get(handle)` in a later run reads the whole. */
  handle?: string;
  /** The images of the result, which `result` only names. Each interface shows them in its own way. */
  images?: ReturnedImage[];
  logs?: RunLine[];
  logsDropped?: number;
  errors?: PublicError[];
  /** Calls that succeeded are summed by server and tool. */
  calls?: CallEntry[];
  /** How many calls are in none of `calls`. */
  callsOmitted?: number;
  /** Set when `calls` says less than the ledger: `results.get(callsHandle)` reads it whole, with the calls of saved programs. */
  callsHandle?: string;
  /** Set when errors or logs are cut: `results.get(wholeHandle)` reads them. */
  wholeHandle?: string;
  durationMs: number;
  /** Set when a run succeeded and still returned nothing useful, or not all is shown. */
  hint?: string;
}

/** Without lone surrogates. Images are left as they are: megabytes of base64, which has none. */
export function wellFormedOutcome({ images, ...outcome }: Outcome): Outcome {
  return { ...wellFormed(outcome), ...(images && { images }) };
}
