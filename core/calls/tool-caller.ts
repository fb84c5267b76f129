import type { JsonValue } from "../json.ts";
import type { CallForm } from "./call-form.ts";

/** What user code can reach: this one function. It never rejects; a refusal is a value. */
export interface ToolCaller {
  /** @param argsJson JSON text, so that nothing but data crosses the boundary. */
  callMcpTool(id: string, tool: string, argsJson: string, form: CallForm): Promise<CallReply>;
}

export type CallReply = { ok: true; value: unknown } | { ok: false; error: CallError };

export interface CallError {
  code: string;
  message: string;
  /** What an `isError` result held. */
  content?: JsonValue | undefined;
  suggestions?: string[] | undefined;
}
