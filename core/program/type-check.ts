import { closestHint, closestTo, named } from "../closest.ts";
import { declareClient } from "../codegen/declaration.ts";
import { declareIndex, declareTool } from "../codegen/module.ts";
import { mentionsResourcesOrPrompts, resourcesAndPromptsDeclaration } from "../codegen/resources-and-prompts.ts";
import { clientSpecifier, parseClientSpecifier } from "../codegen/specifiers.ts";
import { type PublicError, reportBug, toPublicError } from "../errors.ts";
import { type NamedTool, nameTools, toIdentifier } from "../registry/identifiers.ts";
import { errorAt } from "./code-frame.ts";
import type { Draft } from "./draft.ts";
import { nodeModule } from "./node-modules.ts";
import type { Program } from "./program.ts";
import type { KnownServer } from "./reader.ts";
import type { TypeChecker, TypeCheckInput, TypeProblem } from "./type-checker.ts";

interface Checked {
  errors: PublicError[];
  /** False if the type checker failed. */
  isChecked: boolean;
}

/** Checks a program against exactly the clients that it imports. If that fails, it runs unchecked: its type errors then show as
 * failures of the run. */
export function checkTypes(
  draft: Draft,
  program: Program,
  { known, check }: { known: ReadonlyMap<string, KnownServer>; check: TypeChecker["check"] },
): Checked {
  try {
    const problems = check(typeCheckInput(draft, program, known));
    return { errors: problems.map((problem) => publicError(problem, draft)), isChecked: true };
  } catch (error) {
    reportBug(error);
    return { errors: [], isChecked: false };
  }
}

/** The compiler's input for a program. Tools that its text never mentions are declared without types. */
function typeCheckInput(draft: Draft, program: Program, known: ReadonlyMap<string, KnownServer>): TypeCheckInput {
  const files = [...draft.files.keys()];
  const text = files.map((file) => draft.sources.get(file) ?? "").join("\n");
  const declarations: Record<string, string> = {};
  const tools: Record<string, string[]> = {};
  const unlisted: string[] = [];
  for (const id of draft.servers) {
    const server = known.get(id);
    tools[clientSpecifier(id)] = (server?.tools ?? []).map((tool) => tool.name);
    if (server?.tools === undefined) unlisted.push(id);
    else declarations[clientSpecifier(id)] = declareFor({ ...server, tools: server.tools }, text);
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
    tools,
    globals: [...bareNames].map(([name, specifier]) => declareBare(name, specifier)).join("") + declareNodeModules(program.links),
  };
}

/** A server whose tools are unknown accepts any call. */
function declareIndexOf(servers: readonly string[], unlisted: readonly string[]): string {
  const unknown = unlisted.map((id) => `export const ${toIdentifier(id)}: any;\n`);
  return declareIndex(servers.filter((id) => !unlisted.includes(id)).map((id) => ({ id }))) + unknown.join("");
}

function declareFor({ id, tools, mentioned }: KnownServer & { tools: NamedTool[] }, text: string): string {
  const names = nameTools(tools);
  const whole = new Map(mentioned.map((tool) => [tool.name, tool]));
  const { declaration } = declareClient({
    server: { id, title: id, summary: "", examples: [] },
    tools: tools.map((tool) => whole.get(tool.name) ?? { ...tool, inputSchema: { type: "object" } }),
    only: [...whole.keys()],
  });
  const others = tools
    .filter((tool) => !whole.has(tool.name))
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
