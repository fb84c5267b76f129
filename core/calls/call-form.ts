/**
 * What `callMcpTool` does. `value` calls a tool and unwraps its result for code; `raw` calls a tool and returns the whole MCP
 * result; `ask` requests resources or prompts, and names a member of core/mcp/resources-and-prompts.ts instead of a tool.
 */
export type CallForm = "value" | "raw" | "ask";

/** User code can send anything. */
export function readCallForm(form: unknown): CallForm {
  return form === "raw" || form === "ask" ? form : "value";
}
