import { callOverMcp } from "./mcp-target.ts";
import type { Target } from "./target.ts";

export interface RemoteOptions {
  /** The orchestrator's address, such as https://mcp.example.com, or that of its MCP endpoint. */
  url: string;
  /** Its access token. */
  token?: string | undefined;
  /** Sessions share no values, results, logins and connections. By default the default session. */
  session?: string | undefined;
}

/** An orchestrator that runs elsewhere, reached over MCP. Nothing is connected until a tool is called. */
export function remote({ url, token, session }: RemoteOptions): Target {
  const endpoint = { url: endpointOf(url, session), token };
  return {
    call: (tool, input, options) => callOverMcp(endpoint, { tool, input }, options),
    close: async () => {},
  };
}

function endpointOf(url: string, session: string | undefined): URL {
  const endpoint = new URL(url);
  const base = endpoint.pathname.replace(/\/(?:mcp)?\/?$/, "");
  endpoint.pathname = `${base}${session === undefined ? "" : `/s/${encodeURIComponent(session)}`}/mcp`;
  return endpoint;
}
