import { z } from "zod";
import { limits } from "./limits.ts";
import { cutText, withoutInvisible } from "./text.ts";

/** Every way in which a request can fail. Clients switch on these codes, so they never change. */
export const ErrorCode = z.enum([
  "invalid_input",
  "server_unknown",
  "server_not_allowed",
  "server_unavailable",
  "bridge_offline",
  "auth_required",
  "tool_unknown",
  "tool_changed",
  "stale_tool",
  "invalid_arguments",
  "tool_error",
  "approval_required",
  "denied",
  "rate_limited",
  "too_many_calls",
  "call_timeout",
  "run_timeout",
  "cpu_limit",
  "memory_limit",
  "program_lost",
  "output_limit",
  "syntax_error",
  "compile_limit",
  "type_error",
  "import_not_allowed",
  "uncaught_exception",
  "cancelled",
  "internal",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** The step of a request in which it failed. */
const Phase = z.enum(["input", "compile", "typecheck", "load", "run", "tool", "limit", "cancel"]);
export type Phase = z.infer<typeof Phase>;

/** An error as callers see it: plain JSON, safe to show to the model. Lines and columns count from 1. */
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
  /** Of a refusal by policy: what it rests on, what that allows, and when the same request may pass. */
  rule: z.string().optional(),
  limit: z.union([z.number(), z.string()]).optional(),
  retryAfterMs: z.number().optional(),
  /** With `approval_required`: how the run goes on, and the calls that wait. */
  token: z.string().optional(),
  calls: z
    .array(z.object({ server: z.string(), tool: z.string(), count: z.number().optional(), args: z.string().optional() }))
    .optional(),
});
export type PublicError = z.infer<typeof PublicError>;

type Details = Partial<Omit<PublicError, "code" | "message">>;

/**
 * A failure that the caller can act on. The message names the thing and the next step. The model sees it as it is, so it must
 * never contain a secret. A bug is a plain `Error` instead.
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
 * A tool call or a listing failed. `delivery` tells what the server may have done: nothing (`not_sent`), anything (`sent`, the
 * answer was lost or not awaited), or it refused (`answered`).
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

/** Reports a bug or a broken part to the operator. The only place in core that prints. */
export function reportBug(error: unknown): void {
  console.error({ event: "internal_error", error: error instanceof Error ? error.stack : String(error) });
}

/** Converts anything thrown to a public error. Anything but an OrchestratorError is a bug: its text goes to the log only. */
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
    // It may quote a server: what only a model could read in it is removed, as from descriptions.
    message: withoutInvisible(cutText(error.message, limits.errorCharsMax)),
    ...traitsOf(error.code),
    ...withoutEmpty(error.details),
  };
}

/** The part of a failure that user code sees, without phase and position: it knows where it made the call. */
export function callErrorOf(
  error: unknown,
): Pick<PublicError, "code" | "message" | "suggestions" | "rule" | "limit" | "retryAfterMs"> {
  const { code, message, suggestions, rule, limit, retryAfterMs } = toPublicError(error);
  return { code, message, ...withoutEmpty({ suggestions, rule, limit, retryAfterMs }) };
}

/** The default phase of an error code, and whether the same request may succeed later. */
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
    case "stale_tool":
    case "invalid_arguments":
    case "tool_error":
    case "approval_required":
    case "denied":
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
    case "compile_limit":
      return { phase: "limit", retryable: false };
    case "cancelled":
      return { phase: "cancel", retryable: true };
    case "program_lost":
    case "internal":
      return { phase: "run", retryable: true };
  }
}

function withoutEmpty(details: Details): Details {
  const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(details).filter(([, value]) => !isEmpty(value)));
}
