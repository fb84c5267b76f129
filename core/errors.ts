import { z } from "zod";
import { limits } from "./limits.ts";

/** Every way a request can fail, as callers see it. Fixed: clients switch on these. */
export const ErrorCode = z.enum([
  "invalid_input",
  "server_unknown",
  "server_not_allowed",
  "server_unavailable",
  "bridge_offline",
  "auth_required",
  "tool_unknown",
  "tool_changed",
  "invalid_arguments",
  "tool_error",
  "approval_required",
  "rate_limited",
  "too_many_calls",
  "call_timeout",
  "run_timeout",
  "cpu_limit",
  "memory_limit",
  "output_limit",
  "syntax_error",
  "type_error",
  "import_not_allowed",
  "uncaught_exception",
  "cancelled",
  "internal",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** Where in a request's life the failure happened. */
export const Phase = z.enum(["input", "compile", "typecheck", "load", "run", "tool", "limit", "cancel"]);
export type Phase = z.infer<typeof Phase>;

/** An error as it leaves the product: plain JSON, safe to show to the model. Lines and columns count from 1. */
export const PublicError = z.object({
  code: ErrorCode,
  phase: Phase,
  message: z.string(),
  retryable: z.boolean(),
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
  frame: z.string().optional(),
  suggestions: z.array(z.string()).optional(),
  server: z.string().optional(),
  tool: z.string().optional(),
  /** With `auth_required`: where to log in. */
  url: z.string().optional(),
});
export type PublicError = z.infer<typeof PublicError>;

type Details = Partial<Omit<PublicError, "code" | "message">>;

/**
 * A collaborator failed in a way the caller can act on. The message names the thing and the next step; it is
 * shown to the model as it stands, so it never carries a secret. A bug is a plain `Error` instead.
 */
export class OrchestratorError extends Error {
  override readonly name = "OrchestratorError";
  readonly code: ErrorCode;
  readonly details: Details;

  constructor(code: ErrorCode, message: string, details: Details & { cause?: unknown } = {}) {
    const { cause, ...rest } = details;
    super(message, { cause });
    this.code = code;
    this.details = rest;
  }
}

/**
 * A tool call or a listing that did not come back with a result. `delivery` says what the server may have done:
 * `not_sent` nothing, `sent` unknown (the answer was lost or not waited for), `answered` it refused.
 */
export class UpstreamError extends OrchestratorError {
  readonly delivery: "not_sent" | "sent" | "answered";

  constructor(
    code: ErrorCode,
    message: string,
    options: Details & { cause?: unknown; delivery: "not_sent" | "sent" | "answered" },
  ) {
    const { delivery, ...details } = options;
    super(code, message, details);
    this.delivery = delivery;
  }
}

/** A bug, or a part that is broken, for whoever runs the product. The one place of core that prints. */
export function reportBug(error: unknown): void {
  console.error({ event: "internal_error", error: error instanceof Error ? error.stack : String(error) });
}

/** Turns anything thrown into the public shape. What is not an OrchestratorError is a bug: its text goes to the log only. */
export function toPublicError(error: unknown): PublicError {
  if (!(error instanceof OrchestratorError)) {
    reportBug(error);
    return {
      code: "internal",
      phase: "run",
      message: "The orchestrator failed internally; this is not the program's fault. Try once more.",
      retryable: true,
    };
  }
  return {
    code: error.code,
    message: error.message.length <= limits.errorCharsMax ? error.message : `${error.message.slice(0, limits.errorCharsMax)}…`,
    ...traitsOf(error.code),
    ...withoutEmpty(error.details),
  };
}

/** What user code learns of a failure: nothing about where it happened, which it knows. */
export function callErrorOf(error: unknown): Pick<PublicError, "code" | "message" | "suggestions"> {
  const { code, message, suggestions } = toPublicError(error);
  return { code, message, ...(suggestions === undefined ? {} : { suggestions }) };
}

/** The phase an error code belongs to unless the error says otherwise, and whether the same request may succeed later. */
function traitsOf(code: ErrorCode): { phase: Phase; retryable: boolean } {
  switch (code) {
    case "invalid_input":
    case "server_unknown":
      return { phase: "input", retryable: false };
    case "syntax_error":
    case "import_not_allowed":
      return { phase: "compile", retryable: false };
    case "type_error":
      return { phase: "typecheck", retryable: false };
    case "uncaught_exception":
      return { phase: "run", retryable: false };
    case "server_not_allowed":
    case "auth_required":
    case "tool_unknown":
    case "tool_changed":
    case "invalid_arguments":
    case "tool_error":
    case "approval_required":
      return { phase: "tool", retryable: false };
    case "server_unavailable":
    case "bridge_offline":
    case "rate_limited":
    case "call_timeout":
      return { phase: "tool", retryable: true };
    case "too_many_calls":
    case "run_timeout":
    case "cpu_limit":
    case "memory_limit":
    case "output_limit":
      return { phase: "limit", retryable: false };
    case "cancelled":
      return { phase: "cancel", retryable: true };
    case "internal":
      return { phase: "run", retryable: true };
  }
}

function withoutEmpty(details: Details): Details {
  const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(details).filter(([, value]) => !isEmpty(value)));
}
