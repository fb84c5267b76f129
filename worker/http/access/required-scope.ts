import type { Scope } from "../../scopes.ts";

/** The tools that call no server and change nothing. Every other needs `mcp:execute`. */
const readingTools: readonly string[] = ["list_mcp_capabilities", "describe_mcp"];

/** The scope that a request to /mcp with this body needs. Whatever cannot be read needs no more than `mcp:read`: it calls no tool. */
export function requiredScope(body: string): Scope {
  const messages = [parse(body)].flat();
  return messages.some(runs) ? "mcp:execute" : "mcp:read";
}

function runs(message: unknown): boolean {
  if (!isRecord(message) || message.method !== "tools/call") return false;
  return !isRecord(message.params) || !readingTools.includes(String(message.params.name));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The MCP endpoint refuses it.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
