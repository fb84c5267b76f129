import { createProblemPlaces } from "../core/registry/problem-place.ts";
import { parseRegistry, type Registry, registryPath } from "../core/registry/registry.ts";
import registryText from "../skills/mcp-dynamic-orchestrator/mcp.registry.json";
import type { Variables } from "./settings.ts";

let parsed: { text: string; registry: Registry } | undefined;

/** The text of the registry, and where a person finds it. */
export function registryTextOf({ MCP_REGISTRY: variable }: Variables): { text: string; file: string } {
  return variable ? { text: variable, file: "the variable MCP_REGISTRY" } : { text: registryText, file: registryPath };
}

/** The registry in MCP_REGISTRY, or else the one built into this Worker. Parsed once per isolate. */
export function registryOf(env: Variables): Registry {
  const { text } = registryTextOf(env);
  if (parsed?.text !== text) {
    parsed = { text, registry: parseRegistry(text) };
    const placeOf = createProblemPlaces(text);
    for (const problem of parsed.registry.problems)
      console.warn({ event: "registry_problem", ...problem, ...placeOf(problem.path) });
    for (const warning of parsed.registry.warnings) console.warn({ event: "registry_warning", ...warning });
  }
  return parsed.registry;
}
