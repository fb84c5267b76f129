import { createProblemPlaces } from "../core/registry/problem-place.ts";
import { parseRegistry, type Registry } from "../core/registry/registry.ts";
import registryText from "../skills/mcp-dynamic-orchestrator/mcp.registry.json";
import type { Variables } from "./settings.ts";

let parsed: { text: string; registry: Registry } | undefined;

/** The registry in MCP_REGISTRY, or else the one built into this Worker. Parsed once per isolate. */
export function registryOf(env: Variables): Registry {
  const text = env.MCP_REGISTRY || registryText;
  if (parsed?.text !== text) {
    parsed = { text, registry: parseRegistry(text) };
    const placeOf = createProblemPlaces(text);
    for (const problem of parsed.registry.problems)
      console.warn({ event: "registry_problem", ...problem, ...placeOf(problem.path) });
    for (const warning of parsed.registry.warnings) console.warn({ event: "registry_warning", ...warning });
  }
  return parsed.registry;
}
