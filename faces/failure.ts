import { OrchestratorError, toPublicError } from "../core/errors.ts";
import type { Answer } from "./target.ts";

/** What the model reads instead of an exception, in the form of the orchestrator's own errors. */
export function failureAnswer(code: "invalid_input" | "server_unavailable", message: string): Answer {
  return { ok: false, errors: [toPublicError(new OrchestratorError(code, message))] };
}
