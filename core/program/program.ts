import { closestHint, closestTo, named } from "../closest.ts";
import { clientModule, indexModule, toolModule } from "../codegen/module.ts";
import { clientSpecifier, parseClientSpecifier } from "../codegen/specifiers.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import { notAllowedMessage } from "../registry/allow-list.ts";
import { nameTools, toIdentifier } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { errorAt, type Position } from "./code-frame.ts";
import type { CompiledFile } from "./compile.ts";
import type { ImportReference } from "./imports.ts";
import { nodeModule, nodeModules } from "./node-modules.ts";
import { ownFileCandidates } from "./resolve-file.ts";
import { compileLowered, type Lower } from "./typescript-fallback.ts";

/** What the sandbox loads: the user's files and the generated clients they import, and nothing else of the registry. */
export interface Program {
  /** Path of the user file that runs. */
  entry: string;
  /** Module name → JavaScript. User files export one async factory each (see compile.ts); clients are plain modules. */
  modules: Record<string, string>;
  /** For each user file: specifier as written → module name. */
  links: Record<string, Record<string, string>>;
}

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

export interface ProgramInput {
  code?: string | undefined;
  files?: Record<string, string> | undefined;
  entrypoint?: string | undefined;
  language: "ts" | "js";
}

/** Everything a program may import, as error messages list it. */
const importable = `own files ("./util"), "mcp-clients", "mcp-clients/<id>", "mcp-clients/<id>/<tool>", "runtime", and of Node: ${nodeModules.join(", ")}`;

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
  const servers = new Map<string, ServerEntry>();
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

    for (const reference of compiled.imports) {
      const own = resolveOwnFile(file, reference.specifier, sources);
      if (own !== undefined) {
        linksOfFile[reference.specifier] = own;
        pending.push(own);
        continue;
      }
      const builtIn = nodeModule(reference.specifier);
      if (builtIn !== undefined) {
        linksOfFile[reference.specifier] = builtIn;
        continue;
      }
      const { used, isByName, target } = resolveClient(reference, { file, source, byIdentifier, registered });
      for (const server of used) {
        servers.set(server.id, server);
        if (isByName) required.add(server);
      }
      linksOfFile[reference.specifier] = target;
    }
    for (const reference of compiled.unusedImports) {
      if (resolveOwnFile(file, reference.specifier, sources) ?? nodeModule(reference.specifier)) continue;
      resolveClient(reference, { file, source, byIdentifier, registered });
    }
    refuseForbiddenNames(compiled, { byIdentifier, registered, source, file });
  }
  const optional = new Set([...servers.values()].filter((server) => !required.has(server)));
  return { entry, sources, files, servers: [...servers.values()], optional, links, clientNames: [...byIdentifier.keys()] };
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
  return { entry: draft.entry, modules, links };
}

function readSources(input: ProgramInput): { entry: string; sources: Map<string, string> } {
  if ((input.code === undefined) === (input.files === undefined)) {
    throw new OrchestratorError("invalid_input", "Send exactly one of `code` (one snippet) or `files` with `entrypoint`.");
  }
  const files = input.code === undefined ? (input.files ?? {}) : { [`main.${input.language}`]: input.code };
  const sources = new Map<string, string>();
  for (const [path, source] of Object.entries(files)) {
    const clean = checkedPath(path);
    if (sources.has(clean))
      throw new OrchestratorError("invalid_input", `Two files have the path "${clean}"; "${path}" is the same. Send it once.`);
    sources.set(clean, source);
  }

  if (sources.size > limits.filesMax) {
    throw new OrchestratorError("invalid_input", `A program has at most ${limits.filesMax} files; this one has ${sources.size}.`);
  }
  const bytes = [...sources.values()].reduce((sum, source) => sum + new TextEncoder().encode(source).length, 0);
  if (bytes > limits.sourceBytesMax) {
    throw new OrchestratorError(
      "invalid_input",
      `The program is ${bytes} bytes; at most ${limits.sourceBytesMax} are accepted. Pass data through \`args\` or read it with a tool.`,
    );
  }
  return { entry: findEntry(input.entrypoint, sources), sources };
}

function findEntry(entrypoint: string | undefined, sources: ReadonlyMap<string, string>): string {
  if (entrypoint !== undefined) {
    const wanted = checkedPath(entrypoint);
    if (sources.has(wanted)) return wanted;
    const suggestions = closestTo(wanted, [...sources.keys()]);
    throw new OrchestratorError(
      "invalid_input",
      `The entrypoint "${named(wanted)}" is not among \`files\`.${closestHint(suggestions)}`,
      {
        suggestions,
      },
    );
  }
  const entry = ["main.ts", "index.ts", "main.js", "index.js"].find((candidate) => sources.has(candidate));
  if (entry !== undefined) return entry;
  throw new OrchestratorError(
    "invalid_input",
    `No entrypoint: name one of the files in \`entrypoint\`, or call it main.ts or index.ts. Files: ${[...sources.keys()].join(", ") || "none"}.`,
  );
}

/**
 * Normalises the path of a user's file. It becomes a module name, so it must not leave the program's folder or enter one of the
 * generated ones.
 */
function checkedPath(path: string): string {
  const clean = path.replace(/^(?:\.\/)+/, "");
  const isUsable =
    clean.length <= limits.filePathCharsMax &&
    /^[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*(?:\/[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*)*\.(?:tsx?|mts|jsx?|mjs|json)$/.test(clean) &&
    !/^(?:mcp-clients|mcp-orchestrator)\//.test(clean);
  if (isUsable) return clean;
  throw new OrchestratorError(
    "invalid_input",
    `"${path.slice(0, 80)}" is not a usable file path. Use relative paths that end in .ts, .js or .json, outside mcp-clients/.`,
  );
}

function resolveOwnFile(importer: string, specifier: string, sources: ReadonlyMap<string, string>): string | undefined {
  return ownFileCandidates(importer, specifier).find((candidate) => sources.has(candidate));
}

interface Registered {
  /** Allowed servers by their identifier in code. */
  byIdentifier: ReadonlyMap<string, ServerEntry>;
  registered: readonly ServerEntry[];
}

/** The servers that an import loads and the module it means. Throws an error that names what is allowed. */
function resolveClient(
  reference: ImportReference,
  { file, source, byIdentifier, registered }: Registered & { file: string; source: string },
): { used: ServerEntry[]; isByName: boolean; target: string } {
  const { specifier, names } = reference;
  const at = () => ({ file, source, ...reference.at() });
  if (specifier === "runtime") return { used: [], isByName: true, target: specifier };
  const client = parseClientSpecifier(specifier);
  if (client === undefined) throw errorAt("import_not_allowed", importRefusal(specifier, file), at());

  const find = (name: string): ServerEntry => {
    const found = byIdentifier.get(toIdentifier(name));
    if (found) return found;
    throw refusalOf(name, registered, at());
  };
  if (client.kind === "index") {
    const wanted = names ?? [...byIdentifier.keys()];
    if (wanted.includes("default")) throw errorAt("import_not_allowed", noDefaultClient, at());
    return { used: wanted.map(find), isByName: names !== undefined, target: specifier };
  }
  const server = find(client.id);
  return {
    used: [server],
    isByName: true,
    target: client.kind === "tool" ? `${clientSpecifier(server.id)}/${client.tool}` : clientSpecifier(server.id),
  };
}

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
function refuseForbiddenNames(
  compiled: CompiledFile,
  { byIdentifier, registered, source, file }: Registered & { source: string; file: string },
): void {
  for (const free of compiled.freeNames) {
    if (byIdentifier.has(free.name) || free.name in globalThis) continue;
    const server = registered.find((candidate) => toIdentifier(candidate.id) === free.name);
    if (server) throw refusalOf(server.id, registered, { file, source, ...free.at() });
  }
}

function refusalOf(name: string, registered: readonly ServerEntry[], at: Position & { source: string }): OrchestratorError {
  const server = registered.find((candidate) => toIdentifier(candidate.id) === toIdentifier(name));
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
