import { clientSpecifier } from "../codegen/specifiers.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { CompiledFile } from "./compile.ts";
import { refuseForbiddenNames, resolveImport } from "./resolve-import.ts";
import { type ProgramInput, readSources } from "./sources.ts";
import { compileLowered, type Lower } from "./typescript-fallback.ts";

/** The user's files, compiled and with resolved imports, before any server is asked for its tools. */
export interface Draft {
  entry: string;
  sources: ReadonlyMap<string, string>;
  files: ReadonlyMap<string, CompiledFile>;
  /** Servers the program uses, by import or by bare name: only their tools are fetched. */
  servers: ServerEntry[];
  /** Servers whose failure does not stop the program: it imports all clients at once and may never use them. */
  optional: ReadonlySet<ServerEntry>;
  links: Record<string, Record<string, string>>;
  /** Every name that means a client without an import. */
  clientNames: readonly string[];
}

/**
 * Compiles the user's files and resolves their imports.
 *
 * @throws OrchestratorError `invalid_input` for a program without an entrypoint or one that is too large, `syntax_error` and
 * `import_not_allowed` with file, line and frame, `server_unknown`, `server_not_allowed`.
 */
export async function draftProgram(
  input: ProgramInput,
  { allowed, registered, lower }: { allowed: readonly ServerEntry[]; registered: readonly ServerEntry[]; lower: Lower },
): Promise<Draft> {
  const { entry, sources } = readSources(input);
  const byIdentifier = new Map(allowed.map((server) => [toIdentifier(server.id), server]));
  const clientNames = new Map([...byIdentifier].map(([name, server]) => [name, clientSpecifier(server.id)]));
  const files = new Map<string, CompiledFile>();
  const links: Draft["links"] = {};
  const servers = new Set<ServerEntry>();
  const required = new Set<ServerEntry>();

  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    const source = sources.get(file) ?? "";
    const compiled = await compileLowered(
      { file, source, language: input.language, isEntry: file === entry, clientNames },
      lower,
    );
    files.set(file, compiled);
    const linksOfFile: Record<string, string> = {};
    links[file] = linksOfFile;

    const importing = { file, source, sources, byIdentifier, registered };
    for (const reference of compiled.imports) {
      const imported = resolveImport(reference, importing);
      linksOfFile[reference.specifier] = imported.target;
      if (imported.kind === "file") pending.push(imported.target);
      if (imported.kind !== "clients") continue;
      for (const server of imported.servers) {
        servers.add(server);
        if (imported.isByName) required.add(server);
      }
    }
    // An import that is never used is not loaded, but a wrong one is refused all the same.
    for (const reference of compiled.unusedImports) resolveImport(reference, importing);
    refuseForbiddenNames(compiled, importing);
  }
  const optional = new Set([...servers].filter((server) => !required.has(server)));
  return { entry, sources, files, servers: [...servers], optional, links, clientNames: [...byIdentifier.keys()] };
}
