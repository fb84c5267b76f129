import { closestHint, closestTo, named } from "../closest.ts";
import { type ClientSpecifier, clientSpecifier, indexSpecifier, parseClientSpecifier } from "../codegen/specifiers.ts";
import type { OrchestratorError } from "../errors.ts";
import { notAllowedVerdict } from "../policy/rules.ts";
import { notAllowedMessage } from "../registry/allow-list.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import { errorAt, type Position } from "./code-frame.ts";
import type { CompiledFile } from "./compile.ts";
import type { ImportReference } from "./imports.ts";
import { meantSpecifier } from "./meant-specifier.ts";
import { nodeModule, nodeModules } from "./node-modules.ts";
import { insteadOfModule } from "./other-platforms.ts";
import type { RegisteredServer } from "./reader.ts";
import { ownFileCandidates } from "./resolve-file.ts";
import { adviceOnPackage, adviceOnServer, runtimeNames } from "./wrong-names.ts";

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
  const isRuntime = specifier === "runtime" || meantSpecifier(specifier) === "runtime";
  const builtIn = isRuntime ? "runtime" : nodeModule(specifier);
  if (isRuntime && reference.names?.includes("default")) {
    const { file, source } = importing;
    throw errorAt("import_not_allowed", noDefaultRuntime, { file, source, ...reference.at() });
  }
  return builtIn === undefined ? resolveClients(reference, importing) : { kind: "built-in", target: builtIn };
}

function resolveClients(reference: ImportReference, importing: Importing): ImportedClients {
  const { file, source, byIdentifier } = importing;
  const { specifier, names, at } = reference;
  const position = () => ({ file, source, ...at() });
  const client = clientOf(specifier, importing);
  if (client === undefined) throw refusedImport(specifier, { ...position(), importing });

  const find = (name: string): string => {
    const found = byIdentifier.get(toIdentifier(name));
    if (found) return found;
    throw refusalOf(name, importing, position());
  };
  if (client.kind === "index") {
    const wanted = names ?? [...byIdentifier.keys()];
    if (wanted.includes("default")) throw errorAt("import_not_allowed", noDefaultClient, position());
    const written = wanted.find((name) => toIdentifier(name) !== name && byIdentifier.has(toIdentifier(name)));
    if (written !== undefined) throw errorAt("import_not_allowed", underIdentifier(written), position());
    return { kind: "clients", target: indexSpecifier, servers: wanted.map(find), isByName: names !== undefined };
  }
  const server = find(client.id);
  const module = clientSpecifier(server);
  const target = client.kind === "tool" ? `${module}/${client.tool}` : module;
  return { kind: "clients", target, servers: [server], isByName: true };
}

/** As written, if such a server exists or nothing else can be meant. */
function clientOf(specifier: string, { registeredAs }: Importing): ClientSpecifier | undefined {
  const written = parseClientSpecifier(specifier);
  const isKnown = written?.kind === "index" || (written?.kind === "server" && registeredAs.has(toIdentifier(written.id)));
  if (isKnown) return written;
  const meant = parseClientSpecifier(meantSpecifier(specifier) ?? "");
  return written?.kind === "tool" && meant?.kind === "tool" ? written : (meant ?? written);
}

/** Everything a program may import, as error messages list it. */
const importable = `own files ("./util"), "mcp-clients", "mcp-clients/<id>", "mcp-clients/<id>/<tool>", "runtime", and of Node: ${nodeModules.join(", ")}`;

/** The same beside what is written instead. */
const importableInShort = `Besides own files, "mcp-clients" and "runtime" there are, of Node: ${nodeModules.join(", ")}.`;

function underIdentifier(name: string): string {
  return `"mcp-clients" has ${named(name)} as ${toIdentifier(name)}: write import { ${toIdentifier(name)} } from "mcp-clients".`;
}

const noDefaultClient =
  '"mcp-clients" has no default export: write import { <id> } from "mcp-clients" or import * as clients from "mcp-clients".';

const noDefaultRuntime = `"runtime" has no default export: write import { ${runtimeNames.join(", ")} } from "runtime".`;

function refusedImport(
  specifier: string,
  { importing, ...at }: Position & { source: string; importing: Importing },
): OrchestratorError {
  const advice = adviceOnPackage(named(specifier), [...importing.byIdentifier.values()]);
  if (advice) return errorAt("import_not_allowed", advice.message, { ...at, suggestions: advice.suggestions });
  const instead = insteadOfModule(specifier);
  const allowed = instead === undefined ? `A program may import ${importable}.` : `${instead} ${importableInShort}`;
  const message = specifier.startsWith(".")
    ? `There is no file "${named(specifier)}" beside ${importing.file}; add it to \`files\`.`
    : `"${named(specifier)}" cannot be imported. ${allowed}`;
  return errorAt("import_not_allowed", message, at);
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

export function refusalOf(
  name: string,
  { registeredAs, byIdentifier }: Pick<Importing, "registeredAs" | "byIdentifier">,
  at: Position & { source: string },
): OrchestratorError {
  const server = registeredAs.get(toIdentifier(name));
  if (server === undefined) {
    const advice = adviceOnServer(name, [...byIdentifier.values()]);
    if (advice) return errorAt("import_not_allowed", advice.message, { ...at, suggestions: advice.suggestions });
    // As they are written in code.
    const suggestions = closestTo(name, [...registeredAs.keys()]);
    return errorAt(
      "server_unknown",
      `No server "${named(name)}" in the registry.${closestHint(suggestions)} list_mcp_capabilities finds servers${suggestions.length === 0 && name.includes("_") ? "; a tool is a function of its server" : ""}.`,
      { ...at, suggestions, tool: named(name) },
    );
  }
  return errorAt("server_not_allowed", notAllowedMessage(server), { ...at, verdict: notAllowedVerdict(server) });
}
