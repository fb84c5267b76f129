import type { Upstream } from "../../core/mcp/upstream.ts";
import { isReachedByBridge, type ServerEntry } from "../../core/registry/registry.ts";

/** One upstream out of two: stdio servers are reached through their bridge, all others from here. */
export function routeUpstream({ bridges, remote }: { bridges: Upstream; remote: Upstream }): Upstream {
  const of = (server: ServerEntry) => (isReachedByBridge(server) ? bridges : remote);
  return {
    reachability: (server) => of(server).reachability(server),
    listTools: (server, options) => of(server).listTools(server, options),
    callTool: (server, call, options) => of(server).callTool(server, call, options),
    ask: (server, request, options) => of(server).ask(server, request, options),
  };
}
