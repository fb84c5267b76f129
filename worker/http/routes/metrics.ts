import type { Context } from "hono";
import { version } from "../../../package.json";
import { trailOf } from "../../bindings.ts";
import { registryOf } from "../../registry.ts";
import type { Env } from "../env.ts";

/** `/metrics`, in Prometheus' text format 0.0.4. */
export async function serveMetrics(c: Context<{ Bindings: Env }>): Promise<Response> {
  const { servers, problems } = registryOf(c.env);
  const text = await trailOf(c.env).metrics([
    { name: "info", help: "The running version.", value: 1, labels: { version } },
    {
      name: "registry_servers",
      help: "Servers in the Worker's own registry. Servers that a bridge declares belong to its session and are not counted.",
      value: servers.length,
    },
    { name: "registry_problems", help: "Problems in the Worker's own registry.", value: problems.length },
  ]);
  return c.text(text, 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
}
