import {
  type CallToolResult,
  type InputRequiredResult,
  type McpRequestContext,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { createMcpHandler } from "agents/mcp/server";
import { toolDefinitions } from "../../core/discovery/tool-definitions.ts";
import { limits } from "../../core/limits.ts";
import type { ElicitationMode } from "../../core/mcp/elicitation.ts";
import { type Answers, modesOf, type Step, toInputRequired } from "./elicitation.ts";
import { createLive, type Live, type LogLevel } from "./live.ts";

/** The session's operations as the three tools need them. */
export interface ToolOperations {
  /** What a client shows its model before any tool is called. */
  instructions(): Promise<string>;
  listCapabilities(input: unknown): Promise<object>;
  describe(input: unknown): Promise<object>;
  execute(input: unknown, options: ExecuteOptions): Promise<Step>;
  /** Remembered for the session: each request of 2025-11-25 is served by itself, and this one is about those that follow. */
  setLogLevel(level: LogLevel): Promise<void>;
}

interface ExecuteOptions {
  signal: AbortSignal;
  live: Live;
  /** What the client can show a person: nothing before 2026-07-28, where servers cannot ask in answer to a request. */
  modes: ElicitationMode[];
  /** Set in a call that goes on with a run. */
  answers: Answers | undefined;
}

interface McpFace {
  route: string;
  version: string;
  operations: ToolOperations;
}

/**
 * The MCP face: both protocol generations from one endpoint, a fresh server per request. Answers stream as SSE, because
 * clients give up on a single JSON body after a minute.
 */
export function createMcpFace({ route, version, operations }: McpFace) {
  const createServer = async ({ requestInfo }: McpRequestContext) => {
    const instructions = (await isOpening(requestInfo)) ? { instructions: await operations.instructions() } : {};
    const server = new Server(
      { name: "mcp-dynamic-orchestrator", title: "MCP orchestrator", version },
      { capabilities: { tools: { listChanged: false }, logging: {} }, ...instructions },
    );
    server.setRequestHandler("tools/list", () => ({ tools: toolDefinitions.map((tool) => ({ ...tool })) }));
    server.setRequestHandler("tools/call", async (request, context) => {
      const { name, arguments: input } = request.params;
      const { _meta, envelope, signal, log, notify } = context.mcpReq;
      const live = createLive({ progressToken: _meta?.progressToken, isModern: envelope !== undefined, log, notify });
      const modes = modesOf(envelope);
      return callTool(name, input, operations, { signal, live, modes, answers: answersIn(context.mcpReq) });
    });
    server.setRequestHandler("logging/setLevel", async (request) => {
      await operations.setLogLevel(request.params.level);
      return {};
    });
    return server;
  };
  // Host and Origin are checked in worker/http/access/access.ts, for every route at once.
  return createMcpHandler(createServer, {
    route,
    responseMode: "sse",
    corsOptions: false,
    allowedOriginHostnames: "*",
    maxRequestBodySize: limits.requestBytesMax,
    keepAliveMs: limits.keepAliveMs,
  });
}

/**
 * Whether a request is one whose answer has instructions; asking the session for them costs each of the others a call.
 * 2026-07-28 names the method in a header, which the SDK holds against the body. Of 2025-11-25, clients send the version from
 * the second request on; some do so at once, and only the body tells.
 */
async function isOpening(request: Request | undefined): Promise<boolean> {
  if (request === undefined) return false;
  const method = request.headers.get("Mcp-Method");
  if (method !== null) return method === "server/discover";
  if (!request.headers.has("MCP-Protocol-Version")) return true;
  const bytes = Number(request.headers.get("Content-Length") ?? Number.NaN);
  return bytes <= limits.initializeBytesMax && /"method"\s*:\s*"initialize"/.test(await request.clone().text());
}

async function callTool(
  name: string,
  input: unknown,
  operations: ToolOperations,
  options: ExecuteOptions,
): Promise<CallToolResult | InputRequiredResult> {
  const tool = toolDefinitions.find((definition) => definition.name === name)?.name;
  switch (tool) {
    case undefined:
      return toToolResult(unknownTool(name));
    case "list_mcp_capabilities":
      return toToolResult(await operations.listCapabilities(input));
    case "describe_mcp":
      return toToolResult(await operations.describe(input));
    case "execute_mcp_code": {
      const step = await operations.execute(input, options);
      return step.kind === "asks" ? toInputRequired(step) : toToolResult(step.outcome);
    }
  }
}

/** No hook of the SDK checks the state: it is a name and nothing else, and only the session that gave it knows it. */
function answersIn({ requestState, inputResponses }: ServerContext["mcpReq"]): Answers | undefined {
  const token = requestState<unknown>();
  return typeof token === "string" ? { token, responses: inputResponses ?? {} } : undefined;
}

/** The text repeats the structure word for word: with `isError` clients show the text alone. */
function toToolResult(answer: object): CallToolResult {
  const isError = "ok" in answer && answer.ok === false;
  const structuredContent: Record<string, unknown> = { ...answer };
  return {
    content: [{ type: "text", text: JSON.stringify(answer) }],
    structuredContent,
    ...(isError ? { isError } : {}),
  };
}

function unknownTool(name: string): object {
  const names = toolDefinitions.map((definition) => definition.name).join(", ");
  const message = `There is no tool "${name.slice(0, 80)}" here. The tools are ${names}; what MCP servers offer is called from code in execute_mcp_code.`;
  return { ok: false, errors: [{ code: "tool_unknown", phase: "input", message, retryable: false }] };
}
