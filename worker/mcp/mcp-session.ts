import type { Opening, RequestId } from "./opening.ts";

/*
 * Sessions of MCP 2025-11-25 (basic/transports, Session Management). Their ids serve one thing: with the id of a request they
 * name it, so that a cancellation, which arrives as a request of its own, finds the run that it means. An id that is not known is
 * served all the same: this orchestrator may have been restarted, and nothing is lost with it.
 */

const mcpSessionHeader = "Mcp-Session-Id";

/** A request of a client of MCP 2025-11-25: its own id is unique within its MCP session only. */
export interface McpRequest {
  mcpSession: string;
  request: RequestId;
}

/** What the orchestrator's session remembers of MCP sessions. */
export interface McpSessions {
  cancel(request: McpRequest): Promise<void>;
  /** Ends an MCP session with the runs that it started. */
  end(mcpSession: string): Promise<void>;
  hasEnded(mcpSession: string): Promise<boolean>;
}

/** The id that a client sends: visible ASCII, as the specification asks. Any other is as if there were none. */
export function mcpSessionOf(request: Request): string | undefined {
  const id = request.headers.get(mcpSessionHeader) ?? "";
  return /^[\x21-\x7e]{1,128}$/.test(id) && !request.headers.has("Mcp-Method") ? id : undefined;
}

/** Does what concerns the MCP session of a request. Returns the response if the request is answered with that. */
export async function serveMcpSession(
  request: Request,
  { cancels }: Opening,
  sessions: McpSessions,
): Promise<Response | undefined> {
  const mcpSession = mcpSessionOf(request);
  if (mcpSession === undefined) return undefined;
  if (await sessions.hasEnded(mcpSession)) return sessionEnded();
  if (request.method === "DELETE") {
    await sessions.end(mcpSession);
    return new Response(null, { status: 204 });
  }
  if (cancels !== undefined) await sessions.cancel({ mcpSession, request: cancels });
  return undefined;
}

/** The response to `initialize` gives the client its id. */
export function withMcpSession(response: Response, { method }: Opening): Response {
  if (method !== "initialize" || !response.ok) return response;
  const headers = new Headers(response.headers);
  headers.set(mcpSessionHeader, crypto.randomUUID());
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** The status at which clients initialize again. */
function sessionEnded(): Response {
  const message = "This MCP session was ended by its client. Initialize a new one.";
  return Response.json({ jsonrpc: "2.0", id: null, error: { code: -32001, message } }, { status: 404 });
}
