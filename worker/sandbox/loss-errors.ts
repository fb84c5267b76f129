import { OrchestratorError } from "../../core/errors.ts";
import { cpuLimitMessage, memoryLimitMessage, sharedMemoryMessage } from "../../core/limit-messages.ts";
import type { EndingReason } from "./host.ts";

export interface Loss {
  /** Why the process ended; undefined if nobody knows. */
  reason: EndingReason | undefined;
  /** No other program can have caused it. */
  isAtFault: boolean;
  hasActed: boolean;
  /** It was lost before, and had less than its whole computing time this time. */
  isAgain: boolean;
  /** How many programs can have caused it. */
  programs: number;
  timeoutMs: number;
  cause: unknown;
}

/** For a program that was lost with its process and does not run again. */
export function lossError({ reason, isAtFault, hasActed, isAgain, programs, timeoutMs, cause }: Loss): OrchestratorError {
  if (reason === "cpu" && isAtFault)
    return new OrchestratorError("cpu_limit", isAgain ? blockedAgain : cpuLimitMessage(timeoutMs), { cause });
  const next = hasActed
    ? "It had made calls already, so it was not run again: `calls` says what happened."
    : "Run it again. If that does not help, restart the orchestrator.";
  if (reason === "memory") {
    const message = isAtFault ? memoryLimitMessage : `${sharedMemoryMessage(programs)} ${next}`;
    return new OrchestratorError("memory_limit", message, { cause });
  }
  const message = `The sandbox process that ran the program was lost, with every program in it. ${next}`;
  return new OrchestratorError("program_lost", message, { cause });
}

const blockedAgain =
  "The program was lost with a process that did not answer any more, kept the next one from answering too, and was stopped. Look for an endless loop or a regular expression that backtracks forever. If it only computes much, run it again.";

/** For a program that waited as long as it may for a process to run in. */
export function waitedError({ waitedMs, isSuspect, cause }: { waitedMs: number; isSuspect: boolean; cause?: unknown }) {
  const why = isSuspect
    ? "Programs like it, or of its session, were stopped within the last minute for their computing time or memory, so it runs apart from those of other sessions, and others were before it. Wait a minute, or make it compute less."
    : "Other programs were stopped with their processes, and it waited for one in which it can run. Run it again.";
  return new OrchestratorError(
    "program_lost",
    `The program did not run: no process was free for it within ${waitedMs} ms. ${why}`,
    {
      cause,
    },
  );
}
