import {
  type ElicitRequest,
  type ElicitResult,
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** A small common interface of both official clients. */
export interface McpClient extends AsyncDisposable {
  /** The negotiated protocol version. */
  protocol: string | undefined;
  instructions: string | undefined;
  listTools(): Promise<ListedTool[]>;
  call(name: string, args?: object, options?: CallOptions): Promise<ToolAnswer>;
  close(): Promise<void>;
}

export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void;
  /** The minimum level of log messages, sent before the call or with it, depending on the protocol. */
  logLevel?: ClientLog["level"];
  onLog?: (message: ClientLog) => void;
}

export interface ClientLog {
  level: "debug" | "info" | "notice" | "warning" | "error" | "critical" | "alert" | "emergency";
  logger?: string | undefined;
  data?: unknown;
}

export interface ToolAnswer {
  structured: Record<string, unknown>;
  text: string;
  isError: boolean;
}

export interface ListedTool {
  name: string;
  description?: string | undefined;
  annotations?: object | undefined;
  _meta?: Record<string, unknown> | undefined;
}

export interface ClientKind {
  title: string;
  protocol: string;
  connect: (url: string) => Promise<McpClient>;
}

/** The official client package for each protocol generation. */
export const clientKinds: readonly ClientKind[] = [
  { title: "@modelcontextprotocol/sdk", protocol: "2025-11-25", connect: connectSdk },
  { title: "@modelcontextprotocol/client", protocol: "2026-07-28", connect: connectModern },
];

const identity = { name: "end-to-end-test", version: "1" };
/** Longer than any run, so that the product's own limits take effect first. */
const timeout = 130_000;

export async function connectSdk(url: string): Promise<McpClient> {
  const client = new Client(identity);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  // The two types of the package are incompatible in an optional field under exactOptionalPropertyTypes.
  await client.connect(transport as Transport);
  return {
    protocol: transport.protocolVersion,
    instructions: client.getInstructions(),
    listTools: async () => (await client.listTools()).tools,
    async call(name, args = {}, options = {}) {
      const { onLog, logLevel } = options;
      if (onLog) client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => onLog(params));
      if (logLevel !== undefined) await client.setLoggingLevel(logLevel);
      return readAnswer(await client.callTool({ name, arguments: { ...args } }, undefined, requestOptions(options)));
    },
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

interface ModernOptions {
  /** Answers elicitations; if set, the client declares that capability. */
  onElicit?: (question: ElicitRequest["params"]) => ElicitResult;
  /** Sent with every request. */
  headers?: Record<string, string>;
}

export async function connectModern(url: string, { onElicit, headers = {} }: ModernOptions = {}): Promise<McpClient> {
  const client = new ModernClient(identity, {
    versionNegotiation: { mode: "auto" },
    ...(onElicit ? { capabilities: { elicitation: { form: {}, url: {} } } } : {}),
  });
  if (onElicit) client.setRequestHandler("elicitation/create", ({ params }) => onElicit(params));
  await client.connect(new ModernTransport(new URL(url), { requestInit: { headers } }));
  return {
    protocol: client.getNegotiatedProtocolVersion(),
    instructions: client.getInstructions(),
    listTools: async () => (await client.listTools()).tools,
    async call(name, args = {}, options = {}) {
      const { onLog, logLevel } = options;
      if (onLog) client.setNotificationHandler("notifications/message", ({ params }) => onLog(params));
      const _meta = logLevel === undefined ? {} : { _meta: { "io.modelcontextprotocol/logLevel": logLevel } };
      return readAnswer(await client.callTool({ name, arguments: { ...args }, ..._meta }, requestOptions(options)));
    },
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function requestOptions({ signal, onProgress }: CallOptions) {
  return { timeout, ...(signal ? { signal } : {}), ...(onProgress ? { onprogress: onProgress } : {}) };
}

const Answer = z.object({
  structuredContent: z.record(z.string(), z.unknown()),
  content: z.tuple([z.object({ type: z.literal("text"), text: z.string() })]),
  isError: z.boolean().default(false),
});

/** Parses an answer of the three tools; one in any other form fails the test. */
function readAnswer(result: unknown): ToolAnswer {
  const { structuredContent, content, isError } = Answer.parse(result);
  return { structured: structuredContent, text: content[0].text, isError };
}
