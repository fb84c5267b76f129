import { closestHint, closestTo, named } from "../closest.ts";
import { declareClient } from "../codegen/declaration.ts";
import { declareIndex, declareTool } from "../codegen/module.ts";
import { mentionsResourcesOrPrompts, resourcesAndPromptsDeclaration } from "../codegen/resources-and-prompts.ts";
import { clientSpecifier, parseClientSpecifier } from "../codegen/specifiers.ts";
import { type OrchestratorError, type PublicError, reportBug, toPublicError } from "../errors.ts";
import { type NamedTool, nameTools, toIdentifier } from "../registry/identifiers.ts";
import { errorAt } from "./code-frame.ts";
import type { Draft } from "./draft.ts";
import { nodeModule } from "./node-modules.ts";
import { insteadOfName, isShellCommand } from "./other-platforms.ts";
import type { Program } from "./program.ts";
import type { KnownServer } from "./reader.ts";
import { ownFileCandidates, relativeImports } from "./resolve-file.ts";
import type { TypeChecker, TypeCheckInput, TypeProblem } from "./type-checker.ts";
import { type Advice, adviceOnName, runtimeNames, unknownInClient, unknownInRuntime } from "./wrong-names.ts";

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
    const telling = problems.filter((problem) => !isRestOfId(problem, problems, draft) && !isRestOfCommand(problem, problems));
    return { errors: telling.map((problem) => publicError(problem, draft, known)), isChecked: true };
  } catch (error) {
    reportBug(error);
    return { errors: [], isChecked: false };
  }
}

/** The compiler's input for a program. Tools that its text never mentions are declared without types. */
export function typeCheckInput(draft: Draft, program: Program, known: ReadonlyMap<string, KnownServer>): TypeCheckInput {
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
    ...withTypeImports(draft, program.links),
    declarations,
    tools,
    globals: [...bareNames].map(([name, specifier]) => declareBare(name, specifier)).join("") + declareNodeModules(program.links),
  };
}

/** Imports of types are in no compiled file, so they are found in the text. */
function withTypeImports({ files, sources }: Draft, compiled: Program["links"]): Pick<TypeCheckInput, "types" | "links"> {
  const types: Record<string, string> = {};
  const links: TypeCheckInput["links"] = {};
  const reached = new Set(files.keys());
  // The set grows during the loop.
  for (const file of reached) {
    const targets = { ...compiled[file] };
    for (const specifier of relativeImports(sources.get(file) ?? "")) {
      const target = ownFileCandidates(file, specifier).find((path) => sources.has(path));
      if (target === undefined || Object.hasOwn(targets, specifier)) continue;
      targets[specifier] = target;
      if (!reached.has(target)) types[target] = sources.get(target) ?? "";
      reached.add(target);
    }
    links[file] = targets;
  }
  return { types, links };
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

function publicError(problem: TypeProblem, draft: Draft, known: ReadonlyMap<string, KnownServer>): PublicError {
  const { file, line, column, unknownTool } = problem;
  const at = { file, line, column, source: draft.sources.get(file) ?? "" };
  const inTypeCheck = (error: OrchestratorError): PublicError => ({ ...toPublicError(error), phase: "typecheck" });
  const client = unknownTool && parseClientSpecifier(unknownTool.specifier);
  if (unknownTool !== undefined && client?.kind === "index") return inTypeCheck(draft.refusalOfServer(unknownTool.name, at));
  if (unknownTool === undefined || client === undefined || client.kind === "index") {
    const { message, suggestions } = adviceOn(problem, draft);
    const { unknownName: name = "" } = problem;
    const mayBeTool =
      name !== "" && insteadOfName(name) === undefined && /^[\w$]+\s*\(/.test(lineOf(problem, draft).slice(column - 1));
    return inTypeCheck(errorAt("type_error", message, { ...at, suggestions, ...(mayBeTool && { tool: named(name) }) }));
  }
  const { name } = unknownTool;
  const names = [...nameTools(known.get(client.id)?.tools ?? []).values()];
  const { message, suggestions } = unknownInClient({
    ...{ name, closest: problem.suggestions, server: client.id, names },
    written: lineOf(problem, draft).slice(column - 1),
  });
  return { ...inTypeCheck(errorAt("tool_unknown", message, { ...at, suggestions })), server: client.id, tool: named(name) };
}

/** `pdf-reader.read()` is one mistake, although neither `pdf` nor `reader` is declared. */
function isRestOfId({ unknownName, ...at }: TypeProblem, problems: readonly TypeProblem[], draft: Draft): boolean {
  if (unknownName === undefined) return false;
  const [, id = ""] = /([\w$]+(?:-[\w$]+)*-)$/.exec(lineOf(at, draft).slice(0, at.column - 1)) ?? [];
  const isFirstTold = problems.some(
    ({ file, line, column }) => file === at.file && line === at.line && column === at.column - id.length,
  );
  return id !== "" && isFirstTold && draft.clientNames.some((name) => name.startsWith(toIdentifier(`${id}${unknownName}`)));
}

/** `ls -la /tmp` is one mistake. */
function isRestOfCommand({ file, line, column }: TypeProblem, problems: readonly TypeProblem[]): boolean {
  return problems.some((other) => {
    return other.file === file && other.line === line && other.column < column && isShellCommand(other.unknownName ?? "");
  });
}

function lineOf({ file, line }: Pick<TypeProblem, "file" | "line">, draft: Draft): string {
  return (draft.sources.get(file) ?? "").split("\n")[line - 1] ?? "";
}

function adviceOn(problem: TypeProblem, draft: Draft): Advice {
  const { unknownTool, suggestions } = problem;
  if (problem.unknownName !== undefined) return unknownName(problem.unknownName, problem, draft);
  if (unknownTool === undefined) return { ...problem, message: `${problem.message}${sameNameHint(problem, draft)}` };
  return unknownInRuntime({ name: unknownTool.name, closest: suggestions, servers: draft.clientNames });
}

/** `files` of "runtime" is not the server of that name. */
function sameNameHint(problem: TypeProblem, draft: Draft): string {
  const [, name = ""] = /([\w$]+)\.$/.exec(lineOf(problem, draft).slice(0, problem.column - 1)) ?? [];
  const isBoth = runtimeNames.includes(name) && draft.clientNames.some((id) => toIdentifier(id) === name);
  return isBoth ? ` For the server ${name} write import { ${name} } from "mcp-clients".` : "";
}

/** Replaces the compiler's message, which suggests installing packages, and adds what the compiler cannot suggest. */
function unknownName(name: string, problem: TypeProblem, draft: Draft): Advice {
  const { column, suggestions } = problem;
  const line = lineOf(problem, draft);
  const written = line.slice(column - 1);
  const place = { written, before: line.slice(0, column - 1), isMisspelt: suggestions.length > 0 };
  const advice = adviceOnName(name, { servers: draft.clientNames, ...place });
  if (advice) return advice;
  const closest = [...new Set([...suggestions, ...closestTo(name, draft.clientNames)])];
  // Called like a client, but none of an allowed or registered server.
  const isLikeClient = closest.length === 0 && /^[\w$]+\s*\.\s*[\w$]+\s*\(/.test(written);
  const next = isLikeClient ? " list_mcp_capabilities finds servers." : closestHint(closest);
  return { message: `There is no "${named(name)}" here.${next}`, suggestions: closest };
}
