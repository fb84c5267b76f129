import { closestHint, closestTo, named } from "../closest.ts";
import { clientSpecifier, parseClientSpecifier } from "../codegen/specifiers.ts";
import type { OrchestratorError } from "../errors.ts";
import { notAllowedMessage } from "../registry/allow-list.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import { errorAt, type Position } from "./code-frame.ts";
import type { CompiledFile } from "./compile.ts";
import type { ImportReference } from "./imports.ts";
import { nodeModule, nodeModules } from "./node-modules.ts";
import type { RegisteredServer } from "./reader.ts";
import { ownFileCandidates } from "./resolve-file.ts";

/** What an import means: another file of the user, a module that is always there, or clients. `target` is the module's name. */
export type ResolvedImport = { kind: "file"; target: string } | { kind: "built-in"; target: string } | ImportedClients;

interface ImportedClients {
  kind: "clients";
  target: string;
  /** Their ids. */
  servers: string[];
  /** False if it imports the clients of all servers at once. */
  isByName: boolean;
}

/** A user's file that imports, and what it may import. */
export interface Importing {
  file: string;
  source: string;
  sources: ReadonlyMap<string, string>;
  /** The ids of the allowed servers by their identifier in code. */
  byIdentifier: ReadonlyMap<string, string>;
  registered: readonly RegisteredServer[];
  /** The registered servers by their identifier in code. */
  registeredAs: ReadonlyMap<string, RegisteredServer>;
}

/** @throws OrchestratorError `import_not_allowed`, `server_unknown`, `server_not_allowed`, which name what is allowed */
export function resolveImport(reference: ImportReference, importing: Importing): ResolvedImport {
  const { specifier } = reference;
  const own = ownFileCandidates(importing.file, specifier).find((candidate) => importing.sources.has(candidate));
  if (own !== undefined) return { kind: "file", target: own };
  const builtIn = specifier === "runtime" ? specifier : nodeModule(specifier);
  return builtIn === undefined ? resolveClients(reference, importing) : { kind: "built-in", target: builtIn };
}

function resolveClients({ specifier, names, at }: ImportReference, importing: Importing): ImportedClients {
  const { file, source, byIdentifier } = importing;
  const position = () => ({ file, source, ...at() });
  const client = parseClientSpecifier(specifier);
  if (client === undefined) throw errorAt("import_not_allowed", importRefusal(specifier, file), position());

  const find = (name: string): string => {
    const found = byIdentifier.get(toIdentifier(name));
    if (found) return found;
    throw refusalOf(name, importing, position());
  };
  if (client.kind === "index") {
    const wanted = names ?? [...byIdentifier.keys()];
    if (wanted.includes("default")) throw errorAt("import_not_allowed", noDefaultClient, position());
    return { kind: "clients", target: specifier, servers: wanted.map(find), isByName: names !== undefined };
  }
  const server = find(client.id);
  const module = clientSpecifier(server);
  const target = client.kind === "tool" ? `${module}/${client.tool}` : module;
  return { kind: "clients", target, servers: [server], isByName: true };
}

/** Everything a program may import, as error messages list it. */
const importable = `own files ("./util"), "mcp-clients", "mcp-clients/<id>", "mcp-clients/<id>/<tool>", "runtime", and of Node: ${nodeModules.join(", ")}`;

const noDefaultClient =
  '"mcp-clients" has no default export: write import { <id> } from "mcp-clients" or import * as clients from "mcp-clients".';

function importRefusal(specifier: string, importer: string): string {
  return specifier.startsWith(".")
    ? `There is no file "${named(specifier)}" beside ${importer}; add it to \`files\`.`
    : `"${named(specifier)}" cannot be imported. A program may import ${importable}.`;
}

/**
 * A program that uses a forbidden server by its bare name is refused before it runs, instead of failing with a ReferenceError.
 */
export function refuseForbiddenNames(compiled: CompiledFile, importing: Importing): void {
  const { byIdentifier, registeredAs, source, file } = importing;
  for (const free of compiled.freeNames) {
    if (byIdentifier.has(free.name) || free.name in globalThis) continue;
    const server = registeredAs.get(free.name);
    if (server) throw refusalOf(server.id, importing, { file, source, ...free.at() });
  }
}

function refusalOf(name: string, { registered, registeredAs }: Importing, at: Position & { source: string }): OrchestratorError {
  const server = registeredAs.get(toIdentifier(name));
  if (server === undefined) {
    const suggestions = closestTo(
      name,
      registered.map((candidate) => candidate.id),
    );
    return errorAt(
      "server_unknown",
      `No server "${named(name)}" in the registry.${closestHint(suggestions)} list_mcp_capabilities finds servers.`,
      { ...at, suggestions },
    );
  }
  return errorAt("server_not_allowed", notAllowedMessage(server), at);
}
