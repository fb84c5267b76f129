import { Server } from "@modelcontextprotocol/server";
import { createMcpHandler } from "agents/mcp/server";
import { limits } from "../../core/limits.ts";
import { type ToolName, toolDefinitions } from "../../core/tools.ts";
import { createLive, type Live, type LogLevel } from "./live.ts";

/** The session's operations as the three tools need them. */
export interface ToolOperations {
  listCapabilities(input: unknown): Promise<object>;
  describe(input: unknown): Promise<object>;
  execute(input: unknown, options: { signal: AbortSignal; live: Live }): Promise<object>;
  /** Remembered for the session: each request of 2025-11-25 is served by itself, and this one is about those that follow. */
  setLogLevel(level: LogLevel): Promise<void>;
}

interface McpFace {
  route: string;
  version: string;
  instructions: string;
  operations: ToolOperations;
}

/**
 * The MCP face: both protocol generations from one endpoint, a fresh server per request. Answers stream as SSE, because
 * clients give up on a single JSON body after a minute.
 */
export function createMcpFace({ route, version, instructions, operations }: McpFace) {
  const createServer = () => {
    const server = new Server(
      { name: "mcp-dynamic-orchestrator", title: "MCP orchestrator", version },
      { capabilities: { tools: { listChanged: false }, logging: {} }, instructions },
    );
    server.setRequestHandler("tools/list", () => ({ tools: toolDefinitions.map((tool) => ({ ...tool })) }));
    server.setRequestHandler("tools/call", async (request, context) => {
      const { name, arguments: input } = request.params;
      const { _meta, envelope, signal, log, notify } = context.mcpReq;
      const live = createLive({ progressToken: _meta?.progressToken, isModern: envelope !== undefined, log, notify });
      const answer = await callTool(name, input, operations, { signal, live });
      return toToolResult(answer);
    });
    server.setRequestHandler("logging/setLevel", async (request) => {
      await operations.setLogLevel(request.params.level);
      return {};
    });
    return server;
  };
  // Host and Origin are checked in worker/http/auth.ts, for every route at once.
  return createMcpHandler(createServer, {
    route,
    responseMode: "sse",
    corsOptions: false,
    allowedOriginHostnames: "*",
    maxRequestBodySize: limits.requestBytesMax,
    keepAliveMs: limits.keepAliveMs,
  });
}

function callTool(
  name: string,
  input: unknown,
  operations: ToolOperations,
  options: { signal: AbortSignal; live: Live },
): Promise<object> {
  const tool = toolDefinitions.find((definition) => definition.name === name)?.name;
  if (tool === undefined) return Promise.resolve(unknownTool(name));
  const call: Record<ToolName, () => Promise<object>> = {
    list_mcp_capabilities: () => operations.listCapabilities(input),
    describe_mcp: () => operations.describe(input),
    execute_mcp_code: () => operations.execute(input, options),
  };
  return call[tool]();
}

/** The text repeats the structure word for word: with `isError` clients show the text alone. */
function toToolResult(answer: object) {
  const isError = "ok" in answer && answer.ok === false;
  const structuredContent: Record<string, unknown> = { ...answer };
  return {
    content: [{ type: "text" as const, text: JSON.stringify(answer) }],
    structuredContent,
    ...(isError ? { isError } : {}),
  };
}

function unknownTool(name: string): object {
  const names = toolDefinitions.map((definition) => definition.name).join(", ");
  const message = `There is no tool "${name.slice(0, 80)}" here. The tools are ${names}; what MCP servers offer is called from code in execute_mcp_code.`;
  return { ok: false, errors: [{ code: "tool_unknown", phase: "input", message, retryable: false }] };
}
