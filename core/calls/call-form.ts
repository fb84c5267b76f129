/**
 * What a call of `callMcpTool` is about and how its answer comes back: `value` calls a tool and unwraps its result for code, `raw`
 * gives the whole MCP result; `ask` is about resources and prompts, and names a member of core/mcp/resources-and-prompts.ts instead of a tool.
 */
export type CallForm = "value" | "raw" | "ask";

/** User code can send anything. */
export function readCallForm(form: unknown): CallForm {
  return form === "raw" || form === "ask" ? form : "value";
}
