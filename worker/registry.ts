import { parseRegistry, type Registry } from "../core/registry/registry.ts";
import registryText from "../skills/mcp-dynamic-orchestrator/mcp.registry.json";
import type { Variables } from "./settings.ts";

let read: { text: string; registry: Registry } | undefined;

/** The registry this Worker was built with, or the one its environment gives. Parsed once per isolate. */
export function registryOf(env: Variables): Registry {
  const text = env.MCP_REGISTRY || registryText;
  if (read?.text !== text) {
    read = { text, registry: parseRegistry(text) };
    for (const problem of read.registry.problems) console.warn({ event: "registry_problem", ...problem });
    for (const warning of read.registry.warnings) console.warn({ event: "registry_warning", ...warning });
  }
  return read.registry;
}
