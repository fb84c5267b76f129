import type { JsonValue } from "../json.ts";
import type { CallForm } from "./call-form.ts";

/** What user code can reach: this one function. It never rejects; a refusal is a value. */
export interface ToolCaller {
  /** @param argsJson JSON text, so that nothing but data crosses the boundary. */
  callMcpTool(id: string, tool: string, argsJson: string, form: CallForm): Promise<CallReply>;
}

/**
 * `at`: when it was answered, in milliseconds since the epoch, for a program that has its time from its answers.
 * `valueJson` is a value as JSON text that was never read here: what a session keeps may be megabytes.
 */
export type CallReply = { at?: number } & (
  | { ok: true; value: unknown; valueJson?: undefined }
  | { ok: true; valueJson: string }
  | { ok: false; error: CallError }
);

/**
 * The reply as the text that enters the isolate: nothing but data crosses the boundary, and data of a million objects would be copied
 * there one by one.
 */
export function replyText(reply: CallReply): string {
  if (!reply.ok || reply.valueJson === undefined) return JSON.stringify(reply);
  const at = reply.at === undefined ? "" : `"at":${reply.at},`;
  return `{"ok":true,${at}"value":${reply.valueJson}}`;
}

export interface CallError {
  code: string;
  message: string;
  /** What an `isError` result held. */
  content?: JsonValue | undefined;
  suggestions?: string[] | undefined;
  /** Of a refusal by policy. */
  rule?: string | undefined;
  limit?: number | string | undefined;
  retryAfterMs?: number | undefined;
}
