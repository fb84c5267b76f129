import { summarizeCalls } from "../calls/call-summary.ts";
import { addUnmade, createLedger, type Ledger } from "../calls/ledger.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { limits } from "../limits.ts";
import { allowedServers } from "../registry/allow-list.ts";
import { keepDetails } from "./kept-results.ts";
import { withLoginUrls } from "./login-urls.ts";
import { runMsMaxOf } from "./operator-bounds.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { type Prepared, type PrepareParts, prepare } from "./prepare.ts";
import { createRunLog } from "./run-log.ts";
import type { RunOptions } from "./run-options.ts";
import { type RunParts, runProgram } from "./run-program.ts";
import { defaultRunMs } from "./run-time.ts";
import type { SandboxReport } from "./sandbox.ts";
import { createToolValues } from "./tool-values.ts";

export interface ExecuteParts extends PrepareParts, RunParts {
  newHandle: () => string;
}

/**
 * One run: prepare → run → report. Never rejects: whatever goes wrong is an error in the outcome, together with every call that
 * was made.
 */
export async function execute(parts: ExecuteParts, input: ExecuteInput, options: RunOptions): Promise<Outcome> {
  const { clock } = parts;
  const startedAt = clock.now();
  const ledger = createLedger(clock.now);
  const values = createToolValues();
  let prepared: Prepared | undefined;
  const log = createRunLog({
    linesMax: input.maxLogs,
    onPrinted: options.onPrinted ?? (() => {}),
    ownPlaces: (text) => prepared?.positions.withSourcePlaces(text) ?? text,
  });
  // Callers ask for more than they need, so that it is no error to ask for more than the operator allows.
  const runMsMax = runMsMaxOf(parts.bounds ?? {});
  let runMs = Math.min(input.maxRuntimeMs ?? limits.runMs, runMsMax);
  let report: SandboxReport | undefined;
  let failure: unknown;
  try {
    const allowed = allowedServers(parts.servers, input.allowedMcpIds);
    prepared = await prepare(parts, { input, allowed, options });
    runMs = Math.min(input.maxRuntimeMs ?? defaultRunMs(prepared.servers), runMsMax);
    report = await runProgram(parts, { prepared, input, runMs, allowed, ledger, log, values, options });
  } catch (error) {
    failure = error;
  }
  addUnmade(ledger, options.journal?.());
  const ending = outcomeOf({
    report,
    failure,
    prepared,
    runMs,
    values,
    hasArgs: input.args !== undefined,
    isCancelled: options.signal.aborted,
    keep: parts,
    bounds: parts.bounds ?? {},
  });
  return {
    ...ending,
    ...(ending.errors && { errors: withLoginUrls(ending.errors, parts) }),
    ...log.end(),
    ...callsOf(ledger, parts),
    durationMs: clock.now() - startedAt,
  };
}

function callsOf(ledger: Ledger, parts: ExecuteParts): Pick<Outcome, "calls" | "callsOmitted" | "callsHandle"> {
  const records = ledger.records();
  if (records.length === 0) return {};
  const { entries: calls, omitted, isComplete } = summarizeCalls(records);
  const callsOmitted = omitted + ledger.made() - records.length;
  if (isComplete && callsOmitted === 0) return { calls };
  const shown = { calls, ...(callsOmitted === 0 ? {} : { callsOmitted }) };
  const callsHandle = parts.newHandle();
  try {
    keepDetails(parts, { handle: callsHandle, json: JSON.stringify(records) });
  } catch {
    // The answer must not be lost because its details could not be stored.
    return shown;
  }
  return { ...shown, callsHandle };
}
