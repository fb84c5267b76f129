import { closestHint, closestTo, named } from "../closest.ts";
import { clientModule, indexModule, toolModule } from "../codegen/module.ts";
import { clientSpecifier, parseClientSpecifier } from "../codegen/specifiers.ts";
import type { Tool } from "../mcp/tool.ts";
import { nameTools } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { errorAt } from "./code-frame.ts";
import type { Draft } from "./draft.ts";
import { needsNode } from "./node-modules.ts";

/** What the sandbox loads: the user's files and the generated clients they import, and nothing else of the registry. */
export interface Program {
  /** Path of the user file that runs. */
  entry: string;
  /** Module name → JavaScript. User files export one async factory each (see compile.ts); clients are plain modules. */
  modules: Record<string, string>;
  /** For each user file: specifier as written → module name. */
  links: Record<string, Record<string, string>>;
  /** The isolate may run it again, if nothing in it has changed. */
  isTraceless: boolean;
}

/** Completes a draft with the clients of exactly the servers it imports. */
export function linkProgram(draft: Draft, toolsOf: (server: ServerEntry) => readonly Tool[]): Program {
  const modules: Record<string, string> = {};
  for (const [file, compiled] of draft.files) modules[file] = compiled.javascript;

  for (const server of draft.servers) {
    modules[clientSpecifier(server.id)] = clientModule({ server, tools: toolsOf(server) });
  }
  const links: Program["links"] = {};
  for (const [file, targets] of Object.entries(draft.links)) {
    const linked: Record<string, string> = {};
    links[file] = linked;
    for (const [specifier, target] of Object.entries(targets)) {
      const client = parseClientSpecifier(target);
      linked[specifier] = target;
      if (client?.kind === "index") modules[target] = indexModule(draft.servers);
      const server = client?.kind === "tool" ? draft.servers.find((candidate) => candidate.id === client.id) : undefined;
      if (client?.kind !== "tool" || server === undefined) continue;
      const identifier = nameOfTool(server, client.tool, toolsOf(server), { file, specifier, draft });
      // Under its identifier, because a wire name may contain characters that a module name may not.
      linked[specifier] = `${clientSpecifier(server.id)}/${identifier}`;
      modules[linked[specifier]] = toolModule(server, identifier);
    }
  }
  const isTraceless = [...draft.files.values()].every((file) => file.isTraceless) && !needsNode(links);
  return { entry: draft.entry, modules, links, isTraceless };
}

function nameOfTool(
  server: ServerEntry,
  wanted: string,
  tools: readonly Tool[],
  { file, specifier, draft }: { file: string; specifier: string; draft: Draft },
): string {
  const names = nameTools(tools);
  for (const [wire, identifier] of names) {
    if (wire === wanted || identifier === wanted) return identifier;
  }
  const suggestions = closestTo(wanted, [...names.values()]);
  const reference = draft.files.get(file)?.imports.find((candidate) => candidate.specifier === specifier);
  throw errorAt("tool_unknown", `No tool "${named(wanted)}" on ${server.id}.${closestHint(suggestions)}`, {
    file,
    ...(reference?.at() ?? { line: 1 }),
    source: draft.sources.get(file) ?? "",
    suggestions,
  });
}
