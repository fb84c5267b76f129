import type { Upstream } from "../../core/mcp/upstream.ts";
import type { ServerEntry } from "../../core/registry/registry.ts";

/** One upstream out of two: stdio servers are the bridge's, all others are reached from here. */
export function routeUpstream({ stdio, remote }: { stdio: Upstream; remote: Upstream }): Upstream {
  const of = (server: ServerEntry) => (server.mcp.transport === "stdio" ? stdio : remote);
  return {
    reachability: (server) => of(server).reachability(server),
    listTools: (server, options) => of(server).listTools(server, options),
    callTool: (server, call, options) => of(server).callTool(server, call, options),
    ask: (server, request, options) => of(server).ask(server, request, options),
  };
}
