import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { ProtocolError, ProtocolErrorCode, Server, type ServerContext } from "@modelcontextprotocol/server";
import { z } from "zod";
import { toolDefinitions } from "../../core/discovery/tool-definitions.ts";
import { OrchestratorError, toPublicError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { isSkillMethod, skillCapabilities } from "../../core/mcp/skills.ts";

export interface RelayOptions {
  version: string;
  /** What the client shows its model. */
  instructions: () => Promise<string>;
  /** Whether skills are declared to this client, when it has sent its first message. */
  showsSkills: () => boolean;
  /** The MCP endpoint with its token. `failed` is one that it returned before and that did not answer. */
  endpoint: (failed?: RelayEndpoint) => Promise<RelayEndpoint>;
}

export interface RelayEndpoint {
  url: URL;
  authToken: string | undefined;
}

/**
 * The MCP server that a client starts on stdio: passes calls on to an orchestrator, and to the client what arrives meanwhile. It serves
 * both generations of the protocol. Elicitations are passed through as `input_required`, which the SDK turns into requests for clients
 * of 2025-11-25, so that these can be asked too.
 */
export async function createRelay(options: RelayOptions): Promise<Server> {
  const capabilities = { tools: { listChanged: false }, logging: {}, ...(options.showsSkills() ? skillCapabilities : {}) };
  const server = new Server(
    { name: "mcp-dynamic-orchestrator", title: "MCP orchestrator", version: options.version },
    { capabilities, instructions: await options.instructions() },
  );
  server.setRequestHandler("tools/list", () => ({ tools: toolDefinitions.map((tool) => ({ ...tool })) }));
  server.setRequestHandler("tools/call", async ({ params: { name, arguments: input } }, context) => {
    // Under 2026-07-28 a request says what its client can do; before, the handshake did.
    const capabilities = Envelope.safeParse(context.mcpReq.envelope).data?.[capabilitiesKey] ?? server.getClientCapabilities();
    try {
      return await passOn({ name, arguments: input ?? {} }, { context, options, elicitation: capabilities?.elicitation });
    } catch (error) {
      context.mcpReq.signal.throwIfAborted();
      if (!(error instanceof OrchestratorError)) throw error;
      const answer = { ok: false, errors: [toPublicError(error)] };
      return { content: [{ type: "text", text: JSON.stringify(answer) }], structuredContent: answer, isError: true };
    }
  });
  server.fallbackRequestHandler = async ({ method, params }, context) => {
    if (!isSkillMethod(method)) throw new ProtocolError(ProtocolErrorCode.MethodNotFound, "Method not found");
    const { signal } = context.mcpReq;
    const client = new Client({ name: "mcp-bridge", version: options.version }, { versionNegotiation: { mode: "auto" } });
    try {
      await connect(client, { options, signal });
      return await client.request({ method, params: { ...params } }, Answer, { signal });
    } finally {
      await client.close();
    }
  };
  return server;
}

const Answer = z.looseObject({});
const capabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
const logLevelKey = "io.modelcontextprotocol/logLevel";
const Envelope = z.object({ [capabilitiesKey]: z.looseObject({ elicitation: z.looseObject({}).optional() }).optional() });

interface Passing {
  context: ServerContext;
  options: RelayOptions;
  elicitation: object | undefined;
}

/** One client for each call, so that what arrives belongs to it. */
async function passOn(call: { name: string; arguments: Record<string, unknown> }, { context, options, elicitation }: Passing) {
  const { signal, _meta, inputResponses, requestState, envelope, log, notify } = context.mcpReq;
  const client = new Client(
    { name: "mcp-bridge", version: options.version },
    {
      versionNegotiation: { mode: "auto" },
      inputRequired: { autoFulfill: false },
      capabilities: elicitation === undefined ? {} : { elicitation: { ...elicitation } },
    },
  );
  client.setNotificationHandler("notifications/message", ({ params }) => log(params.level, params.data, params.logger));
  const token = _meta?.progressToken;
  const level = envelope === undefined ? "debug" : z.string().safeParse(Object(envelope)[logLevelKey]).data;
  const state = requestState<unknown>();
  try {
    await connect(client, { options, signal });
    return await client.callTool(
      {
        ...call,
        ...(level !== undefined && { _meta: { [logLevelKey]: level } }),
        ...(inputResponses !== undefined && { inputResponses }),
        ...(typeof state === "string" && { requestState: state }),
      },
      {
        signal,
        timeout: limits.sdkTimeoutMs,
        allowInputRequired: true,
        ...(token !== undefined && {
          onprogress: (progress) =>
            void notify({ method: "notifications/progress", params: { ...progress, progressToken: token } }),
        }),
      },
    );
  } finally {
    await client.close();
  }
}

/** Nothing was sent yet where the connection fails, so another orchestrator may be found or started. */
async function connect(client: Client, { options, signal }: { options: RelayOptions; signal: AbortSignal }): Promise<void> {
  let failed: RelayEndpoint | undefined;
  for (;;) {
    const endpoint = await options.endpoint(failed);
    const { url, authToken } = endpoint;
    const headers: Record<string, string> = authToken === undefined ? {} : { Authorization: `Bearer ${authToken}` };
    try {
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }), { signal });
      return;
    } catch (cause) {
      signal.throwIfAborted();
      await client.close();
      if (failed)
        throw new OrchestratorError("server_unavailable", `The orchestrator at ${url.origin} does not answer.`, { cause });
      failed = endpoint;
    }
  }
}
