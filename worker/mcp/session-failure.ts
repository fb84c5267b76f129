import { OrchestratorError, reportBug } from "../../core/errors.ts";

/** SQLite says so once; what the session is asked after that fails inside the platform, which does not say why. */
const fullDisk = /SQLITE_FULL|disk is full|no space left/i;

/**
 * Why the session object did not answer: the platform ended it, as at an update, or it could not keep what it must keep before it answers.
 * The error itself goes to the log.
 */
export function sessionFailure(error: unknown): OrchestratorError {
  if (error instanceof OrchestratorError) return error;
  reportBug(error);
  return new OrchestratorError("internal", fullDisk.test(String(error)) ? `${full} ${lost}` : `${ended} ${lost}`);
}

const full = "The disk is full on which the orchestrator keeps its state: make room there.";
const ended =
  "The session ended before it could answer: the orchestrator was updated or restarted, or cannot write to its disk. Its log says why.";
const lost = "A program may have made calls that are not listed here. Then try again.";
