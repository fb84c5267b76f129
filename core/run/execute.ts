import { createLedger } from "../calls/ledger.ts";
import type { ExecuteInput } from "../discovery/tool-definitions.ts";
import { allowedServers } from "../registry/allow-list.ts";
import { withLoginUrls } from "./login-urls.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { type Prepared, type PrepareParts, prepare } from "./prepare.ts";
import { createRunLog } from "./run-log.ts";
import type { RunOptions } from "./run-options.ts";
import { type RunParts, runProgram } from "./run-program.ts";
import type { SandboxReport } from "./sandbox.ts";

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
  let prepared: Prepared | undefined;
  const log = createRunLog({
    linesMax: input.maxLogs,
    onPrinted: options.onPrinted ?? (() => {}),
    ownPlaces: (text) => prepared?.positions.withSourcePlaces(text) ?? text,
  });
  let report: SandboxReport | undefined;
  let failure: unknown;
  try {
    const allowed = allowedServers(parts.servers, input.allowedMcpIds);
    prepared = await prepare(parts, { input, allowed, options });
    report = await runProgram(parts, { prepared, input, allowed, ledger, log, options });
  } catch (error) {
    failure = error;
  }
  const calls = ledger.records();
  const callsOmitted = ledger.omitted();
  const ending = outcomeOf({ report, failure, prepared, input, isCancelled: options.signal.aborted, keep: parts });
  return {
    ...ending,
    ...(ending.errors && { errors: withLoginUrls(ending.errors, parts) }),
    ...log.end(),
    ...(calls.length === 0 ? {} : { calls }),
    ...(callsOmitted === 0 ? {} : { callsOmitted }),
    durationMs: clock.now() - startedAt,
  };
}
