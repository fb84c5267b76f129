import type { Context } from "hono";
import { version } from "../../../package.json";
import { registryOf } from "../../registry.ts";
import type { Env } from "../env.ts";

type C = Context<{ Bindings: Env }>;

/** Liveness: the process answers. */
export function serveLivez(c: C): Response {
  return c.text("ok\n");
}

/** Readiness: programs can be run and, unless that starts only when it is needed, read. */
export async function serveReadyz(c: C): Promise<Response> {
  try {
    const { COMPILER, SANDBOX } = c.env;
    const answer = await (SANDBOX ?? COMPILER).fetch("http://part/livez");
    if (answer.ok) return c.text("ok\n");
  } catch (error) {
    console.warn({ event: "sandbox_unreachable", error: String(error) });
  }
  return c.text("the sandbox or the compiler does not answer\n", 503);
}

/** Prometheus text format 0.0.4. */
export function serveMetrics(c: C): Response {
  const { servers, problems } = registryOf(c.env);
  const lines = [
    "# HELP mcp_orchestrator_info The running version.",
    "# TYPE mcp_orchestrator_info gauge",
    `mcp_orchestrator_info{version="${version}"} 1`,
    "# HELP mcp_orchestrator_registry_servers Servers in the Worker's own registry. Servers that a bridge declares belong to its session and are not counted.",
    "# TYPE mcp_orchestrator_registry_servers gauge",
    `mcp_orchestrator_registry_servers ${servers.length}`,
    "# HELP mcp_orchestrator_registry_problems Problems in the Worker's own registry.",
    "# TYPE mcp_orchestrator_registry_problems gauge",
    `mcp_orchestrator_registry_problems ${problems.length}`,
  ];
  return c.text(`${lines.join("\n")}\n`, 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
}
