import { closestHint, closestTo, named } from "../closest.ts";
import { declareClient } from "../codegen/declaration.ts";
import { declareIndex, declareTool } from "../codegen/module.ts";
import { mentionsResourcesOrPrompts, resourcesAndPromptsDeclaration } from "../codegen/resources-and-prompts.ts";
import { clientSpecifier, parseClientSpecifier } from "../codegen/specifiers.ts";
import { type PublicError, reportBug, toPublicError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import { nameTools, toIdentifier } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { errorAt } from "./code-frame.ts";
import type { Draft } from "./draft.ts";
import { nodeModule } from "./node-modules.ts";
import type { Program } from "./program.ts";
import type { TypeChecker, TypeCheckInput, TypeProblem } from "./type-checker.ts";

/** The program is refused before it runs. `errors` holds all problems found, in the order of the files. */
export class TypeErrors extends Error {
  override readonly name = "TypeErrors";
  readonly errors: PublicError[];

  constructor(errors: PublicError[]) {
    super("the program does not type-check");
    this.errors = errors;
  }
}

/** Checks programs against exactly the clients they import, and remembers the result for each program. */
export interface TypeCheck {
  /** @throws TypeErrors if running the program would fail */
  check(draft: Draft, program: Program, toolsOf: KnownTools): Promise<void>;
}

/** Returns the tools of a server that the program imports; undefined if they could not be listed. */
export type KnownTools = (server: ServerEntry) => readonly Tool[] | undefined;

export function createTypeCheck(checker: TypeChecker): TypeCheck {
  const seen = new Map<string, TypeProblem[]>();

  async function problemsOf(input: TypeCheckInput): Promise<TypeProblem[]> {
    const key = await digestOf(JSON.stringify(input));
    const known = seen.get(key);
    if (known) return known;
    const problems = await checker.check(input);
    seen.set(key, problems);
    for (const oldest of seen.keys()) {
      if (seen.size <= limits.checkedProgramsMax) break;
      seen.delete(oldest);
    }
    return problems;
  }

  return {
    async check(draft, program, toolsOf) {
      let problems: TypeProblem[];
      try {
        problems = await problemsOf(typeCheckInput(draft, program, toolsOf));
      } catch (error) {
        // If the compiler is broken, programs still run; their type errors then show as failures at runtime.
        reportBug(error);
        return;
      }
      if (problems.length > 0) throw new TypeErrors(problems.map((problem) => publicError(problem, draft)));
    },
  };
}

/** The compiler's input for a program. Tools that its text never mentions are declared without types. */
function typeCheckInput(draft: Draft, program: Program, toolsOf: KnownTools): TypeCheckInput {
  const files = [...draft.files.keys()];
  const text = files.map((file) => draft.sources.get(file) ?? "").join("\n");
  const declarations: Record<string, string> = {};
  const wireNames: Record<string, string[]> = {};
  const unlisted: ServerEntry[] = [];
  for (const server of draft.servers) {
    const tools = toolsOf(server);
    if (tools === undefined) {
      unlisted.push(server);
      continue;
    }
    declarations[clientSpecifier(server.id)] = declareFor(server, tools, text);
    wireNames[clientSpecifier(server.id)] = tools.map((tool) => tool.name);
  }
  for (const target of new Set(Object.values(program.links).flatMap((targets) => Object.values(targets)))) {
    const client = parseClientSpecifier(target);
    if (client?.kind === "index") declarations[target] = declareIndexOf(draft.servers, unlisted);
    if (client?.kind === "tool") declarations[target] = declareTool({ id: client.id }, client.tool);
  }
  const bareNames = new Map(
    [...draft.files.values()].flatMap((file) => file.bareNames.map(({ name, specifier }) => [name, specifier])),
  );
  return {
    sources: Object.fromEntries(files.map((file) => [file, draft.sources.get(file) ?? ""])),
    links: program.links,
    declarations,
    tools: Object.fromEntries(
      draft.servers.map((server) => [clientSpecifier(server.id), (toolsOf(server) ?? []).map((tool) => tool.name)]),
    ),
    globals: [...bareNames].map(([name, specifier]) => declareBare(name, specifier)).join("") + declareNodeModules(program.links),
  };
}

/** A server whose tools are unknown accepts any call. */
function declareIndexOf(servers: readonly ServerEntry[], unlisted: readonly ServerEntry[]): string {
  const unknown = unlisted.map((server) => `export const ${toIdentifier(server.id)}: any;\n`);
  return declareIndex(servers.filter((server) => !unlisted.includes(server))) + unknown.join("");
}

function declareFor(server: ServerEntry, tools: readonly Tool[], text: string): string {
  const names = nameTools(tools);
  const isMentioned = (tool: Tool) => text.includes(tool.name) || text.includes(names.get(tool.name) ?? tool.name);
  const { declaration } = declareClient({ server, tools, only: tools.filter(isMentioned).map((tool) => tool.name) });
  const others = tools
    .filter((tool) => !isMentioned(tool))
    .map((tool) => `export function ${names.get(tool.name)}(args?: any): Promise<any>;\n`);
  return declaration + (mentionsResourcesOrPrompts(text) ? resourcesAndPromptsDeclaration : "") + others.join("");
}

function declareBare(name: string, specifier: string): string {
  return specifier === "runtime" ? `declare const ${name}: any;\n` : `declare const ${name}: typeof import("${specifier}");\n`;
}

/** Declares the imported modules of Node without types: any use of them is accepted. */
function declareNodeModules(links: Program["links"]): string {
  const specifiers = new Set(Object.values(links).flatMap((targets) => Object.keys(targets).filter(nodeModule)));
  return [...specifiers].map((specifier) => `declare module "${specifier}";\n`).join("");
}

function publicError(problem: TypeProblem, draft: Draft): PublicError {
  const { file, line, column, message, unknownTool } = problem;
  const suggestions = [...problem.suggestions, ...importable(problem.unknownName, draft)];
  const at = { file, line, column, source: draft.sources.get(file) ?? "", suggestions };
  if (unknownTool === undefined) {
    const text = problem.unknownName === undefined ? message : unknownNameMessage(problem.unknownName, suggestions);
    return { ...toPublicError(errorAt("type_error", text, at)), phase: "typecheck" };
  }
  const client = parseClientSpecifier(unknownTool.specifier);
  const server = client && "id" in client ? client.id : unknownTool.specifier;
  const text = `No tool "${unknownTool.name}" on ${server}.${closestHint(suggestions)} describe_mcp lists its tools.`;
  return { ...toPublicError(errorAt("tool_unknown", text, at)), phase: "typecheck", server, tool: unknownTool.name };
}

/** Replaces the compiler's message, which suggests installing packages. */
function unknownNameMessage(name: string, suggestions: readonly string[]): string {
  return `There is no "${named(name)}" here.${closestHint(suggestions)}`;
}

/** What an unknown name may mean that the compiler cannot suggest. */
function importable(name: string | undefined, { clientNames }: Draft): string[] {
  if (name === undefined) return [];
  return runtimeNames.includes(name) ? [`import { ${name} } from "runtime"`] : closestTo(name, clientNames);
}

const runtimeNames = ["session", "results", "progress", "help"];

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
