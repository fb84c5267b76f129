import { Client, SdkHttpError, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { OrchestratorError } from "../../core/errors.ts";
import { isLoopback } from "../../core/loopback.ts";
import { localUrl } from "../local/local-url.ts";
import { readStartRecord } from "../local/start-record.ts";
import { UsageError } from "../usage-error.ts";
import type { CommandOption, World } from "./command.ts";

/** The option of every command that uses a running orchestrator. */
export const urlOption: CommandOption = {
  flags: "--url <url>",
  description: "the orchestrator's address (default: that of npm start on this machine)",
};

export interface OrchestratorAddress {
  /** The Worker's URL or that of its MCP endpoint. */
  url: string;
  session?: string | undefined;
  /** Sent as a bearer token with every request. */
  authToken: string | undefined;
}

/**
 * The orchestrator that a command is for: the one of `npm start` on this machine unless `url` names another. Finds its token.
 *
 * @throws UsageError when `url` is no URL, or when the token would be sent in the clear
 */
export async function addressOf(
  world: World,
  { url = localUrl(world.environment), session }: { url?: string | undefined; session?: string | undefined },
): Promise<OrchestratorAddress> {
  if (!URL.canParse(url)) {
    throw new UsageError(`--url ${JSON.stringify(url)} is not a URL. Give the Worker's address, such as http://127.0.0.1:8787.`);
  }
  const { origin, protocol, hostname } = new URL(url);
  const authToken = world.environment("AUTH_TOKEN") || (await readStartRecord(world, new URL(url)))?.authToken;
  if (authToken !== undefined && protocol === "http:" && !isLoopback(hostname)) {
    throw new UsageError(`--url ${origin} is plain http, where others could read the token. Use https.`);
  }
  return { url, session, authToken };
}

/**
 * An MCP client connected to a running orchestrator. The caller closes it.
 *
 * @throws OrchestratorError that says what to do when nothing answers there, or when it refuses us
 */
export async function openOrchestrator(address: OrchestratorAddress, signal: AbortSignal): Promise<Client> {
  const endpoint = endpointOf(address);
  const headers: Record<string, string> = address.authToken === undefined ? {} : { Authorization: `Bearer ${address.authToken}` };
  const client = new Client({ name: "mcp-bridge", version: "1" }, { versionNegotiation: { mode: "auto" } });
  try {
    await client.connect(new StreamableHTTPClientTransport(endpoint, { requestInit: { headers } }), { signal });
    return client;
  } catch (cause) {
    await client.close();
    if (signal.aborted) throw new OrchestratorError("cancelled", "Stopped while connecting.", { cause });
    throw new OrchestratorError("server_unavailable", describeFailure(cause, endpoint), { cause });
  }
}

export function endpointOf({ url, session }: OrchestratorAddress): URL {
  const endpoint = new URL(url);
  const base = endpoint.pathname.replace(/\/(?:mcp)?\/?$/, "");
  endpoint.pathname = `${base}${session === undefined ? "" : `/s/${encodeURIComponent(session)}`}/mcp`;
  return endpoint;
}

function describeFailure(error: unknown, endpoint: URL): string {
  if (error instanceof SdkHttpError && (error.status === 401 || error.status === 403)) {
    return `${endpoint.host} refused access (HTTP status ${error.status}). Set AUTH_TOKEN to the orchestrator's access token.`;
  }
  if (error instanceof SdkHttpError && error.status !== undefined) {
    return `${endpoint.href} answered with HTTP status ${error.status}. Check that --url is the Worker's address.`;
  }
  return `No orchestrator answers at ${endpoint.origin}. Start it with npm start, or name another with --url.`;
}
