import { Client, SdkHttpError, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { z } from "zod";
import type { FaceToolName } from "../core/discovery/tool-definitions.ts";
import { limits } from "../core/limits.ts";
import { isLoopback } from "../core/loopback.ts";
import { Elicitation, elicitationCapability } from "../core/mcp/elicitation.ts";
import { failureAnswer } from "./failure.ts";
import type { Answer, CallOptions } from "./target.ts";

export interface Endpoint {
  url: URL;
  /** Sent as a bearer token. */
  token: string | undefined;
}

/**
 * Calls a tool over MCP. Each call has a client of its own, so that what arrives meanwhile belongs to it, and so that nothing has to be
 * mended when an orchestrator was restarted.
 */
export async function callOverMcp(
  endpoint: Endpoint,
  call: { tool: FaceToolName; input: Record<string, unknown> },
  { signal, onProgress, onElicit }: CallOptions,
): Promise<Answer> {
  if (endpoint.token !== undefined && endpoint.url.protocol === "http:" && !isLoopback(endpoint.url.hostname)) {
    return failureAnswer(
      "server_unavailable",
      `${endpoint.url.origin} is plain http, where others could read the token. Use https.`,
    );
  }
  const client = new Client(
    { name: "mcp-dynamic-orchestrator", version: "1" },
    { versionNegotiation: { mode: "auto" }, capabilities: onElicit === undefined ? {} : { elicitation: elicitationCapability } },
  );
  if (onElicit !== undefined) {
    client.setRequestHandler("elicitation/create", ({ params }) => onElicit(Elicitation.parse(params)));
  }
  const headers: Record<string, string> = endpoint.token === undefined ? {} : { Authorization: `Bearer ${endpoint.token}` };
  // A request with a progress token is told every few seconds that its run goes on, whether or not anybody listens here.
  const wait = {
    ...(signal && { signal }),
    ...{
      timeout: limits.sdkTimeoutMs,
      onprogress: (progress: Parameters<NonNullable<typeof onProgress>>[0]) => onProgress?.(progress),
    },
  };
  try {
    await client.connect(new StreamableHTTPClientTransport(endpoint.url, { requestInit: { headers } }), {
      ...(signal && { signal }),
      timeout: connectMs,
    });
    return toAnswer(await client.callTool({ name: call.tool, arguments: call.input }, wait));
  } catch (error) {
    signal?.throwIfAborted();
    return failureAnswer("server_unavailable", reasonOf(error, endpoint.url));
  } finally {
    await client.close();
  }
}

const connectMs = 30_000;

const Text = z.looseObject({ type: z.literal("text"), text: z.string() });
const ImageBlock = z.object({ type: z.literal("image"), mimeType: z.string(), data: z.string() });

/** The text repeats the structured content. */
function toAnswer({ structuredContent, content }: { structuredContent?: unknown; content: readonly unknown[] }): Answer {
  const answer = z.record(z.string(), z.unknown()).safeParse(structuredContent);
  if (answer.success) {
    const images = content.flatMap((block) => ImageBlock.safeParse(block).data ?? []);
    return { ...answer.data, ...(images.length > 0 && { images }) };
  }
  const texts = content.map((block) => Text.safeParse(block)).flatMap(({ data }) => (data === undefined ? [] : [data.text]));
  return failureAnswer("server_unavailable", texts.join("\n") || "What answers there is not an orchestrator.");
}

function reasonOf(error: unknown, url: URL): string {
  const status = error instanceof SdkHttpError ? error.status : undefined;
  if (status === 401 || status === 403) {
    return `${url.host} refused access (HTTP status ${status}). Give the orchestrator's access token.`;
  }
  if (status !== undefined)
    return `${url.host} answered with HTTP status ${status}. Check that the address is an orchestrator's.`;
  return `No orchestrator answers at ${url.origin}, or the connection was lost. A call that was under way may have had effects.`;
}
