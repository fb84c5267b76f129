import { closestTo, noToolMessage } from "../closest.ts";
import { clientModule, indexModule, toolModule } from "../codegen/module.ts";
import { clientSpecifier, parseClientSpecifier } from "../codegen/specifiers.ts";
import { type NamedTool, nameTools } from "../registry/identifiers.ts";
import { errorAt } from "./code-frame.ts";
import type { Draft } from "./draft.ts";
import { needsNode } from "./node-modules.ts";
import type { Program } from "./program.ts";

/**
 * Completes a draft with the clients of exactly the servers it imports.
 *
 * @throws OrchestratorError `tool_unknown` for an import of a tool that its server does not have
 */
export function linkProgram(draft: Draft, toolsOf: (server: string) => readonly NamedTool[]): Program {
  const modules: Record<string, string> = {};
  for (const [file, compiled] of draft.files) modules[file] = compiled.javascript;

  const servers = draft.servers.map((id) => ({ id }));
  for (const server of servers) {
    modules[clientSpecifier(server.id)] = clientModule({ server, tools: toolsOf(server.id) });
  }
  const links: Program["links"] = {};
  for (const [file, targets] of Object.entries(draft.links)) {
    const linked: Record<string, string> = {};
    links[file] = linked;
    for (const [specifier, target] of Object.entries(targets)) {
      const client = parseClientSpecifier(target);
      linked[specifier] = target;
      if (client?.kind === "index") modules[target] = indexModule(servers);
      const server = client?.kind === "tool" ? servers.find((candidate) => candidate.id === client.id) : undefined;
      if (client?.kind !== "tool" || server === undefined) continue;
      const identifier = nameOfTool(server, client.tool, toolsOf(server.id), { file, specifier, draft });
      // Under its identifier, because a wire name may contain characters that a module name may not.
      linked[specifier] = `${clientSpecifier(server.id)}/${identifier}`;
      modules[linked[specifier]] = toolModule(server, identifier);
    }
  }
  const isTraceless = [...draft.files.values()].every((file) => file.isTraceless) && !needsNode(links);
  return { entry: draft.entry, modules, links, isTraceless };
}

function nameOfTool(
  server: { id: string },
  wanted: string,
  tools: readonly NamedTool[],
  { file, specifier, draft }: { file: string; specifier: string; draft: Draft },
): string {
  const names = nameTools(tools);
  for (const [wire, identifier] of names) {
    if (wire === wanted || identifier === wanted) return identifier;
  }
  const suggestions = closestTo(wanted, [...names.values()]);
  const reference = draft.files.get(file)?.imports.find((candidate) => candidate.specifier === specifier);
  throw errorAt("tool_unknown", noToolMessage(wanted, { server: server.id, closest: suggestions, names: [...names.values()] }), {
    file,
    ...(reference?.at() ?? { line: 1 }),
    source: draft.sources.get(file) ?? "",
    ...{ suggestions, server: server.id, tool: wanted },
  });
}
