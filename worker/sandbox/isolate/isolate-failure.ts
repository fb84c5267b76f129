import type { SandboxReport } from "../../../core/run/sandbox.ts";

/**
 * The outcome of an isolate that returned no report: the platform ended it, or it never started. Cloudflare's errors have no
 * code, so the message decides (https://developers.cloudflare.com/workers/observability/errors/).
 */
export function outcomeOfFailure(error: unknown): SandboxReport["outcome"] {
  const message = error instanceof Error ? error.message : String(error);
  if (/exceeded CPU/i.test(message)) return { kind: "cpu_exceeded", stack: "" };
  if (/exceeded (its )?memory/i.test(message)) return { kind: "memory_exceeded" };
  return { kind: "not_loaded", message };
}
