import { isLoopback } from "../../core/loopback.ts";
import { UsageError } from "../usage-error.ts";

/**
 * The address where the bridge connects to the Worker at `url`: `ws(s)://host[/s/<session>]/bridge`. The address of the MCP endpoint
 * (`…/mcp`, `…/s/<session>/mcp`) is accepted too, because that is the one people have at hand.
 */
export function tunnelAddress(options: { url: string; session?: string | undefined }): URL {
  const { url, session } = options;
  if (!URL.canParse(url))
    throw new UsageError(`--url ${JSON.stringify(url)} is not a URL. Give the Worker's, such as http://127.0.0.1:8787.`);
  const address = new URL(url);
  const scheme = webSocketSchemes[address.protocol];
  if (scheme === undefined) throw new UsageError(`--url starts with ${address.protocol}//. Give an http or https URL.`);
  if (scheme === "ws:" && !isLoopback(address.hostname)) {
    throw new UsageError(`--url ${address.origin} is not encrypted: others could read the token and every call. Use https.`);
  }

  const base = address.pathname.replace(/\/(?:mcp|bridge)?\/?$/, "");
  if (session !== undefined && /\/s\/[^/]+$/.test(base))
    throw new UsageError("--url names a session already. Leave out --session, or the /s/… of the URL.");
  address.protocol = scheme;
  address.pathname = `${base}${session === undefined ? "" : `/s/${encodeURIComponent(session)}`}/bridge`;
  // The token is sent in a header only; a password in the URL would show up in messages.
  address.username = "";
  address.password = "";
  address.search = "";
  address.hash = "";
  return address;
}

const webSocketSchemes: Record<string, string> = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };
