import type { SandboxReport } from "../../../core/run/sandbox.ts";

/**
 * What an isolate came to that did not report: the platform ended it, or it never started. On Cloudflare an error carries nothing
 * but its words (https://developers.cloudflare.com/workers/observability/errors/).
 */
export function outcomeOfFailure(error: unknown): SandboxReport["outcome"] {
  const message = error instanceof Error ? error.message : String(error);
  if (/exceeded CPU/i.test(message)) return { kind: "cpu_exceeded", stack: "" };
  if (/exceeded (its )?memory/i.test(message)) return { kind: "memory_exceeded" };
  return { kind: "not_loaded", message };
}
