import { OrchestratorError } from "../errors.ts";
import type { EntryRecord } from "./call-entry.ts";

export function wasLost({ server, tool }: EntryRecord): OrchestratorError {
  return new OrchestratorError(
    "server_unavailable",
    `${server}.${tool} was sent before the orchestrator was restarted, and its answer was lost: it may have happened. It is not made again.`,
  );
}

export function wentAstray(): OrchestratorError {
  return new OrchestratorError(
    "program_lost",
    "The process of the program was lost while it waited. It was run again, and did something else than before, so it was ended. No call was repeated: `calls` has what was done. Check that first; then run a program for what is left.",
    { retryable: false },
  );
}

export function hasEnded(): OrchestratorError {
  return new OrchestratorError("cancelled", "The run has ended.");
}
