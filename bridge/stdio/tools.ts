import { z } from "zod";
import { limits } from "../../core/limits.ts";
import type { Deadline } from "../../core/mcp/deadline.ts";
import { loosely } from "../../core/mcp/lenient-results.ts";
import { readAllTools, type Tool } from "../../core/mcp/tool.ts";
import type { StdioClient } from "./client.ts";
import { isInvalidParams } from "./failure.ts";

const AnyPage = loosely(z.unknown());

/** Every page of its list, up to the bounds. */
export function listAllTools({ client }: StdioClient, deadline: Deadline): Promise<Tool[]> {
  return readAllTools((params) => client.request({ method: "tools/list", params }, AnyPage, waitOf(deadline)));
}

/**
 * A refusal of arguments and of an unknown tool share one JSON-RPC code: only the list tells them apart. Asked for
 * after the fact, so that it costs the calls that work nothing.
 */
export async function isListed(error: unknown, tool: string, connection: StdioClient, deadline: Deadline): Promise<boolean> {
  if (!isInvalidParams(error)) return true;
  try {
    return (await listAllTools(connection, deadline)).some((listed) => listed.name === tool);
  } catch {
    // Not known: the server's own words about the arguments stand.
    return true;
  }
}

/** Ours is the only clock; its signal also tells the server that nobody waits any more. */
function waitOf(deadline: Deadline): { signal: AbortSignal; timeout: number } {
  return { signal: deadline.signal, timeout: limits.sdkTimeoutMs };
}
