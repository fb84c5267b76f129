import {
  type CallToolResult,
  type InputRequiredResult,
  type McpRequestContext,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { createMcpHandler } from "agents/mcp/server";
import type { Clock } from "../../core/clock.ts";
import { CallInput, outcomeOfCall, programOf } from "../../core/discovery/direct-call.ts";
import { readInput } from "../../core/discovery/input.ts";
import { directInstructions } from "../../core/discovery/instructions.ts";
import { directDefinitions, type ToolDefinition, toolDefinitions } from "../../core/discovery/tool-definitions.ts";
import { toPublicError } from "../../core/errors.ts";
import { isDeeper } from "../../core/json.ts";
import { limits } from "../../core/limits.ts";
import type { ElicitationMode } from "../../core/mcp/elicitation.ts";
import { declaresSkills, isSkillMethod, skillCapabilities } from "../../core/mcp/skills.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import { type ElicitationAnswers, elicitationModesOf, type Step, toInputRequired } from "./elicitation.ts";
import { createLive, type Live, type LogLevel } from "./live.ts";
import { type McpRequest, type McpSessions, mcpSessionOf, serveMcpSession, withMcpSession } from "./mcp-session.ts";
import { type Opening, openingOf } from "./opening.ts";
import { sessionFailure } from "./session-failure.ts";
import { answerSkills, type ReadSkills } from "./skills.ts";

/** The session's operations behind the three tools. */
export interface ToolOperations {
  /** The server instructions, which clients give to their model at the start. */
  instructions(): Promise<string>;
  listCapabilities(input: unknown): Promise<object>;
  describe(input: unknown): Promise<object>;
  execute(input: unknown, options: ExecuteOptions): Promise<Step>;
  /** Stored in the session, because in MCP 2025-11-25 it applies to the requests that follow. */
  setLogLevel(level: LogLevel): Promise<void>;
  skills: ReadSkills;
  mcpSessions: McpSessions;
}

interface ExecuteOptions {
  signal: AbortSignal;
  live: Live;
  /** The elicitation modes of the client. Empty before MCP 2026-07-28, which introduced `input_required`. */
  modes: ElicitationMode[];
  /** Set in a call that continues a waiting run. */
  answers: ElicitationAnswers | undefined;
  /** Set where a cancellation would arrive as a request of its own, which names this one. */
  request: McpRequest | undefined;
}

interface McpEndpointOptions {
  route: string;
  version: string;
  /** `direct`: a tool that calls one tool in place of the one that runs programs. */
  mode: "code" | "direct";
  /** Skills are declared to every client, not only to those that say that they know them. */
  showsSkills: boolean;
  operations: ToolOperations;
  clock: Clock;
}

/**
 * The MCP endpoint: serves both protocol generations, with a new server for each request. Responses are SSE streams, because
 * clients abandon a plain JSON response after a minute without bytes. It takes a request and its body, which was read already;
 * undefined for a request without one.
 */
export function createMcpEndpoint({ route, version, mode, showsSkills, operations, clock }: McpEndpointOptions) {
  const definitions = mode === "direct" ? directDefinitions : toolDefinitions;

  return async (request: Request, body: string | undefined): Promise<Response> => {
    const message = body === undefined ? undefined : parse(body);
    const opening = openingOf(request, message);
    const answered = await serveMcpSession(request, opening, operations.mcpSessions);
    if (answered) return answered;
    // Host and Origin are checked in worker/http/access/access.ts, for every route.
    const handle = createMcpHandler(({ requestInfo }: McpRequestContext) => createServer(requestInfo, opening, message), {
      route,
      responseMode: "sse",
      corsOptions: false,
      allowedOriginHostnames: "*",
      maxRequestBodySize: limits.requestBytesMax,
      keepAliveMs: limits.keepAliveMs,
    });
    // Given a message, the handler reads and copies no stream. It answers what is not JSON.
    const response =
      message === undefined ? handle.fetch(withBody(request, body)) : handle.fetch(request, { parsedBody: message });
    return withMcpSession(await response, opening);
  };

  async function createServer(request: Request | undefined, opening: Opening, message: unknown): Promise<Server> {
    const isHandshake = request !== undefined && mayBeHandshake(request, opening);
    const instructions = isHandshake ? { instructions: await instructionsIn(mode, operations) } : {};
    const hasSkills = isHandshake && (showsSkills || declaresSkills(Object(message).params));
    const capabilities = { ...ownCapabilities, ...(hasSkills ? skillCapabilities : {}) };
    const server = new Server(
      { name: "mcp-dynamic-orchestrator", title: "MCP orchestrator", version },
      { capabilities, ...instructions },
    );
    const mcpSession = request && mcpSessionOf(request);
    server.setRequestHandler("tools/list", () => ({ tools: definitions.map((tool) => ({ ...tool })) }));
    server.setRequestHandler("tools/call", async ({ params: { name, arguments: input } }, context) => {
      const { id, _meta, envelope, signal, log, notify } = context.mcpReq;
      const answers = answersIn(context.mcpReq);
      if (isDeeper(input, limits.requestDepthMax) || isDeeper(answers?.responses, limits.requestDepthMax)) throw tooDeep();
      using live = createLive({ progressToken: _meta?.progressToken, isModern: envelope !== undefined, log, notify, clock });
      const options: ExecuteOptions = {
        ...{ signal, live, modes: elicitationModesOf(envelope), answers },
        request: mcpSession === undefined ? undefined : { mcpSession, request: id },
      };
      try {
        return await callTool({ name, input, definitions }, operations, options);
      } catch (error) {
        return toToolResult({ ok: false, errors: [toPublicError(sessionFailure(error))] });
      }
    });
    server.setRequestHandler("prompts/list", () => ({ prompts: [] }));
    // Also for clients that ask without looking at the capabilities. The SDK lets only a server with resources name their methods.
    const { method } = opening;
    if (isSkillMethod(method)) {
      server.fallbackRequestHandler = async ({ params }) => await answerSkills(method, params, operations.skills);
    }
    server.setRequestHandler("logging/setLevel", async (setLevel) => {
      await operations.setLogLevel(setLevel.params.level);
      return {};
    });
    return server;
  }
}

/** Of a batch no more than the SDK needs to refuse it: it would read each message before. */
function parse(text: string): unknown {
  try {
    const message: unknown = JSON.parse(text);
    return Array.isArray(message) ? message.slice(0, sdkBatchMax + 1) : message;
  } catch {
    return undefined;
  }
}

const sdkBatchMax = 100;

function withBody(request: Request, body: string | undefined): Request {
  return body === undefined ? request : new Request(request, { body });
}

/** Resources are declared only together with skills: for a server that has them, clients give their model further tools. */
const ownCapabilities = { tools: { listChanged: false }, prompts: { listChanged: false }, logging: {} };

/**
 * Whether the result of a request may contain instructions. All other requests save the call to the session. Clients of
 * 2025-11-25 send the version header only after `initialize`, so a request without it that is no single message counts as one.
 */
function mayBeHandshake(request: Request, { method }: Opening): boolean {
  if (method === undefined) return !request.headers.has("MCP-Protocol-Version");
  return method === "server/discover" || method === "initialize";
}

async function instructionsIn(mode: McpEndpointOptions["mode"], operations: ToolOperations): Promise<string> {
  const instructions = await operations.instructions();
  return mode === "direct" ? directInstructions(instructions) : instructions;
}

interface ToolCall {
  name: string;
  input: unknown;
  definitions: readonly ToolDefinition[];
}

async function callTool(
  { name, input, definitions }: ToolCall,
  operations: ToolOperations,
  options: ExecuteOptions,
): Promise<CallToolResult | InputRequiredResult> {
  const tool = definitions.find((definition) => definition.name === name)?.name;
  switch (tool) {
    case undefined:
      return toToolResult(unknownTool(name, definitions));
    case "list_mcp_capabilities":
      return toToolResult(await operations.listCapabilities(input));
    case "describe_mcp":
      return toToolResult(await operations.describe(input));
    case "execute_mcp_code": {
      const step = await operations.execute(input, options);
      return step.kind === "asks" ? toInputRequired(step) : withImages(step.outcome);
    }
    case "call_mcp_tool":
      return await callDirectly(input, operations, options);
  }
}

async function callDirectly(
  input: unknown,
  operations: ToolOperations,
  options: ExecuteOptions,
): Promise<CallToolResult | InputRequiredResult> {
  let call: CallInput;
  try {
    call = readInput(CallInput, input);
  } catch (error) {
    return toToolResult({ ok: false, errors: [toPublicError(error)] });
  }
  const step = await operations.execute(programOf(call), options);
  return step.kind === "asks" ? toInputRequired(step) : withImages(outcomeOfCall(step.outcome));
}

/** What nests deeper cannot be passed on to the session. */
function tooDeep(): ProtocolError {
  const message = `The request nests deeper than ${limits.requestDepthMax} levels. Pass flatter arguments.`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

/** The state needs no check by the SDK's hook: it is a random token that only the session that issued it knows. */
function answersIn({ requestState, inputResponses }: ServerContext["mcpReq"]): ElicitationAnswers | undefined {
  const token = requestState<unknown>();
  return typeof token === "string" ? { token, responses: inputResponses ?? {} } : undefined;
}

/** The text repeats the structured content, because with `isError` clients show only the text. */
function toToolResult(answer: object): CallToolResult {
  const isError = "ok" in answer && answer.ok === false;
  const structuredContent: Record<string, unknown> = { ...answer };
  return {
    content: [{ type: "text", text: JSON.stringify(answer) }],
    structuredContent,
    ...(isError ? { isError } : {}),
  };
}

/** Clients show an image to their model only as a block of its own. */
function withImages({ images = [], ...outcome }: Pick<Outcome, "images">): CallToolResult {
  const result = toToolResult(outcome);
  return { ...result, content: [...result.content, ...images.map((image) => ({ type: "image" as const, ...image }))] };
}

function unknownTool(name: string, definitions: readonly ToolDefinition[]): object {
  const names = definitions.map((definition) => definition.name).join(", ");
  const message = `There is no tool "${name.slice(0, 80)}" here. The tools are ${names}; what MCP servers offer is called through the last of them.`;
  return { ok: false, errors: [{ code: "tool_unknown", phase: "input", message, retryable: false }] };
}
