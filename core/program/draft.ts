import { clientSpecifier } from "../codegen/specifiers.ts";
import type { OrchestratorError } from "../errors.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import type { Position } from "./code-frame.ts";
import type { CompiledFile } from "./compile.ts";
import type { ReadRequest } from "./reader.ts";
import { ownFileCandidates } from "./resolve-file.ts";
import { type Importing, refusalOf, refuseForbiddenNames, resolveImport } from "./resolve-import.ts";
import { compileLowered, type Lower } from "./typescript-fallback.ts";

/** The user's files, compiled and with resolved imports, before any server is asked for its tools. */
export interface Draft {
  entry: string;
  sources: ReadonlyMap<string, string>;
  files: ReadonlyMap<string, CompiledFile>;
  /** The ids of the servers that the program uses, by import or by bare name. */
  servers: string[];
  /** Those whose failure does not stop the program: it imports all clients at once and may never use them. */
  optional: ReadonlySet<string>;
  links: Record<string, Record<string, string>>;
  /** Every name that means a client without an import. */
  clientNames: readonly string[];
  /** The error for the use of a server that the program may not use, or that is not there. */
  refusalOfServer: (name: string, at: Position & { source: string }) => OrchestratorError;
}

/**
 * Compiles the user's files and resolves their imports.
 *
 * @throws OrchestratorError `syntax_error` and `import_not_allowed` with file, line and frame, `server_unknown`,
 * `server_not_allowed`
 */
export function draftProgram(request: Omit<ReadRequest, "listings">, lower: Lower): Draft {
  const { entry, language, allowed, registered } = request;
  const sources = new Map(Object.entries(request.sources));
  const byIdentifier = new Map(allowed.map((id) => [toIdentifier(id), id]));
  const clientNames = new Map([...byIdentifier].map(([name, id]) => [name, clientSpecifier(id)]));
  const known = { sources, byIdentifier, registered, registeredAs: identifiersOf(registered) };
  const files = new Map<string, CompiledFile>();
  const links: Draft["links"] = {};
  const servers = new Set<string>();
  const required = new Set<string>();

  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    const source = sources.get(file) ?? "";
    const isOwnFile = (specifier: string) => ownFileCandidates(file, specifier).some((path) => sources.has(path));
    const compiled = compileLowered({ file, source, language, isEntry: file === entry, clientNames, isOwnFile }, lower);
    files.set(file, compiled);
    const linksOfFile: Record<string, string> = {};
    links[file] = linksOfFile;

    const importing: Importing = { file, source, ...known };
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
    refuseForbiddenNames(compiled, importing);
  }
  const optional = new Set([...servers].filter((server) => !required.has(server)));
  return {
    ...{ entry, sources, files, servers: [...servers], optional, links },
    clientNames: [...byIdentifier.keys()],
    refusalOfServer: (name, at) => refusalOf(name, known, at),
  };
}

/** The first server of each identifier. */
function identifiersOf(registered: ReadRequest["registered"]): Importing["registeredAs"] {
  const found = new Map<string, ReadRequest["registered"][number]>();
  for (const server of registered) {
    const identifier = toIdentifier(server.id);
    if (!found.has(identifier)) found.set(identifier, server);
  }
  return found;
}
