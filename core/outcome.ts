import { named } from "./closest.ts";
import { ErrorCode, OrchestratorError, type PublicError, toPublicError } from "./errors.ts";
import type { Outcome } from "./execute.ts";
import { codeFrame } from "./frame.ts";
import { limits } from "./limits.ts";
import type { Clock, LogLine, SandboxReport, Store } from "./ports.ts";
import { previewOf } from "./preview.ts";
import type { Draft } from "./program.ts";
import { keepResult } from "./runtime-calls.ts";
import type { ExecuteInput } from "./tools.ts";
import { TypeErrors } from "./typecheck.ts";

interface Ending {
  report: SandboxReport | undefined;
  /** What was thrown before or around the sandbox. */
  failure: unknown;
  draft: Draft | undefined;
  input: ExecuteInput;
  isCancelled: boolean;
  keep: { store: Store; clock: Clock; newHandle: () => string };
}

/** What a run comes to: result or error, and its logs. The report is the isolate's word and is read as such. */
export function outcomeOf(
  ending: Ending,
): Pick<Outcome, "ok" | "result" | "handle" | "logs" | "logsDropped" | "errors" | "hint"> {
  const { report } = ending;
  const logs = {
    ...(report === undefined ? {} : boundedLogs(report, ending.input.maxLogs)),
  };
  if (report?.outcome.kind === "returned") {
    const { resultJson } = report.outcome;
    if (resultJson === undefined) {
      return { ok: true, ...logs, ...(ending.draft && !entryHasResult(ending.draft) ? { hint: noResultHint } : {}) };
    }
    try {
      return { ok: true, ...resultOf(resultJson, ending.keep), ...logs };
    } catch (error) {
      return { ok: false, errors: [toPublicError(error)], ...logs };
    }
  }
  return { ok: false, errors: ending.failure instanceof TypeErrors ? ending.failure.errors : [errorOf(ending)], ...logs };
}

const noResultHint = "The program returned nothing. `return` a value at the top level, or export default one.";

function entryHasResult(draft: Draft): boolean {
  return draft.files.get(draft.entry)?.hasResult === true;
}

function resultOf(resultJson: string, keep: Ending["keep"]): { result: unknown; handle?: string } {
  if (resultJson.length > limits.resultCharsMax) {
    throw new OrchestratorError(
      "output_limit",
      `The result is ${resultJson.length} characters of JSON; at most ${limits.resultCharsMax} leave a run. Return less, or keep parts with session.set().`,
    );
  }
  const result = parseResult(resultJson);
  if (resultJson.length <= limits.resultCharsInline) return { result };
  const handle = keep.newHandle();
  keepResult(keep, { handle, json: resultJson });
  return { result: previewOf(result, limits.resultCharsInline / 2), handle };
}

function parseResult(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new OrchestratorError("uncaught_exception", "What the program returned does not read as JSON.", { cause });
  }
}

/** The isolate bounds what is printed, but user code shares it: it is counted again here. */
function boundedLogs({ logs, logsDropped }: SandboxReport, linesMax: number): Pick<Outcome, "logs" | "logsDropped"> {
  const kept: LogLine[] = [];
  let chars = 0;
  for (const { level, message } of logs) {
    if (kept.length >= linesMax || chars >= limits.logCharsMax) break;
    const line = message.length <= limits.logLineCharsMax ? message : `${message.slice(0, limits.logLineCharsMax)}…`;
    chars += line.length;
    kept.push({ level, message: line });
  }
  const dropped = Math.max(0, Math.trunc(logsDropped)) + logs.length - kept.length;
  return { ...(kept.length > 0 ? { logs: kept } : {}), ...(dropped > 0 ? { logsDropped: dropped } : {}) };
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

/** The isolate passes on what it was told; more than that is its own. */
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

/**
 * The first place of a stack that is in a user's file. A column counts only where compiling left the line as it was, apart
 * from what was put before it.
 */
function positionIn(wholeStack: string, draft: Draft | undefined): Pick<PublicError, "file" | "line" | "column" | "frame"> {
  if (draft === undefined) return {};
  // A program may set any text as its stack: the search takes the square of a line's length.
  const lines = wholeStack.slice(-limits.stackCharsMax).split("\n");
  const stack = lines.map((line) => line.slice(0, stackLineCharsMax)).join("\n");
  for (const [, file = "", lineText, columnText] of stack.matchAll(
    /([A-Za-z0-9_@+-][A-Za-z0-9_.@+/-]*\.(?:ts|mts|js|mjs|json)):(\d{1,9}):(\d{1,9})/g,
  )) {
    const source = draft.sources.get(file);
    if (source === undefined) continue;
    const line = Number(lineText);
    const own = lineOf(source, line);
    const compiled = lineOf(draft.files.get(file)?.javascript ?? "", line);
    const offset = compiled.length - own.length;
    const column = compiled.endsWith(own) && Number(columnText) > offset ? { column: Number(columnText) - offset } : {};
    return { file, line, ...column, frame: codeFrame(source, { file, line, ...column }) };
  }
  return {};
}

/** Room for a function's name and the longest path. */
const stackLineCharsMax = 400;

function lineOf(text: string, line: number): string {
  return text.split("\n")[line - 1] ?? "";
}
