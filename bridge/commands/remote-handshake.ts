import {
  Client,
  type JSONRPCMessage,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import { z } from "zod";
import { OpenRequests } from "../../core/mcp/lenient-results.ts";
import type { Fetch } from "../../core/remote/fetch.ts";
import { connectInAnyForm } from "../../core/remote/forms.ts";
import { createRemoteFetch } from "../../core/remote/remote-fetch.ts";
import { systemClock } from "../clock.ts";

export interface Connecting {
  kind: "http" | "sse";
  address: URL;
  requestInit: RequestInit;
  /** Is called with each message of the server, before the client reads it. */
  received: (message: JSONRPCMessage) => void;
  signal: AbortSignal;
  timeoutMs: number;
}

/** Connects in the form that the server speaks, and reads its answers as leniently as the Worker does. */
export function connectInAForm(connecting: Connecting): Promise<Client> {
  const { kind, address, requestInit, signal } = connecting;
  const overSse = () => {
    const fetch = lenient(globalThis.fetch, "sse");
    return handshake(new SSEClientTransport(address, { requestInit, fetch }), "legacy", connecting);
  };
  if (kind === "sse") return overSse();
  return connectInAnyForm<Client>({
    fetch: globalThis.fetch,
    overHttp(mode, fetch) {
      const options = { requestInit, fetch: lenient(fetch, "http") };
      return handshake(new StreamableHTTPClientTransport(address, options), mode, connecting);
    },
    overSse,
    hasTime: () => !signal.aborted,
  });
}

function lenient(fetch: Fetch, transport: "http" | "sse"): Fetch {
  const remoteFetch = createRemoteFetch({ fetch, transport, clock: systemClock });
  return (url, init) => remoteFetch(url, init, { ...requestIn(init?.body), onTooLarge() {} });
}

const Request = z.object({ id: z.union([z.string(), z.number()]).optional(), method: z.string().optional() });

/** The id and method of the JSON-RPC request that is sent. */
function requestIn(body: unknown): { id: string | number | undefined; method: string | undefined } {
  const { id, method } = typeof body === "string" ? Request.parse(JSON.parse(body)) : {};
  return { id, method };
}

async function handshake(
  transport: Transport,
  mode: VersionNegotiationMode,
  { received, signal, timeoutMs }: Connecting,
): Promise<Client> {
  const client = new Client({ name: "mcp-bridge", version: "1" }, { versionNegotiation: { mode } });
  const requests = new OpenRequests();
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if (!Array.isArray(message)) requests.sent(message);
    return send(message, options);
  };
  // The SDK's client calls this handler before its own.
  transport.onmessage = (message) => {
    received(message);
    requests.received(message);
  };
  try {
    await client.connect(transport, { signal, timeout: timeoutMs });
    return client;
  } catch (error) {
    await client.close();
    // Until the handshake is complete, the client does not close the transport.
    await transport.close();
    throw error;
  }
}
