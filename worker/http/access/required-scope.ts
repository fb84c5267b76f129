import { limits } from "../../../core/limits.ts";
import type { Scope } from "../../scopes.ts";

/** The tools that call no server and change nothing. Every other needs `mcp:execute`. */
const readingTools: readonly string[] = ["list_mcp_capabilities", "describe_mcp"];

/**
 * The scope that a request to /mcp needs, from its body, which is returned for whoever serves the request. Undefined for a body
 * over the limit. Whatever cannot be read needs no more than `mcp:read`: it calls no tool.
 */
export async function requiredScope(request: Request): Promise<{ scope: Scope; body: string } | undefined> {
  const body = await readAtMost(request, limits.requestBytesMax);
  if (body === undefined) return undefined;
  const messages = [parse(body)].flat();
  return { scope: messages.some(runs) ? "mcp:execute" : "mcp:read", body };
}

function runs(message: unknown): boolean {
  if (!isRecord(message) || message.method !== "tools/call") return false;
  return !isRecord(message.params) || !readingTools.includes(String(message.params.name));
}

async function readAtMost({ body }: Request, bytesMax: number): Promise<string | undefined> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
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
