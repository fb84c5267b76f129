import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import { nameTools, toIdentifier } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { blockComment, descriptionLines, oneLine } from "./jsdoc.ts";
import { printType } from "./print.ts";
import { resourceAndPromptTypeNames } from "./resources-and-prompts.ts";
import { argumentsNode, isOptional, observedAlias, outputNode, resultText } from "./signature.ts";
import { clientSpecifier } from "./specifiers.ts";
import { type TypeNode, unknownType, withoutDocs } from "./type-node.ts";
import { TypeScope } from "./types.ts";

export interface ClientDeclaration {
  /** Self-contained TypeScript. */
  declaration: string;
  /** Wire names of the declared tools. */
  included: string[];
  /** Wire names of the tools that did not fit. */
  omitted: string[];
}

interface DeclareOptions {
  server: Pick<ServerEntry, "id" | "title" | "summary" | "examples">;
  /** All tools of the server, because a tool's identifier may depend on the names of the others. */
  tools: readonly Tool[];
  /** Wire names of the tools to declare; all if omitted. */
  only?: readonly string[] | undefined;
  /** Maximum length of the text in characters. A tool whose declaration does not fit is omitted entirely. */
  charsMax?: number;
  /** For a reader: without what every client has. The types have the same names whichever tools are chosen. */
  isExcerpt?: boolean;
}

/** The `.d.ts` of module `mcp-clients/<id>`, with the chosen tools and the types they need. */
export function declareClient({
  server,
  tools,
  only,
  charsMax = Number.POSITIVE_INFINITY,
  isExcerpt = false,
}: DeclareOptions): ClientDeclaration {
  const names = nameTools(tools);
  const wanted = only && new Set(only);
  const chosen = wanted ? tools.filter((tool) => wanted.has(tool.name)) : tools;
  const head = headOf(server);
  const hasObserved = chosen.some((tool) => tool.outputSchema === undefined && tool.observedSchema !== undefined);
  const fixed = isExcerpt ? "" : `${fixedMembers}export * as default from ${JSON.stringify(clientSpecifier(server.id))};\n`;
  const tail = `${hasObserved ? observedDeclaration : ""}${fixed}`;

  const isNamedByAll = isExcerpt && tools.length <= namedByAllMax && withinReach(tools, readCharsMax) === tools.length;
  const reached = chosen.slice(0, withinReach(chosen, charsMax * readPerChar));
  const functions = functionsOf(isNamedByAll ? tools : reached, names).filter(({ tool }) => reached.includes(tool));
  const emitted = new Set<string>();
  const included: string[] = [];
  const omitted: string[] = [];
  let typesText = "";
  let functionsText = "";
  let size = head.length + tail.length;
  for (const declared of functions) {
    const whole = textOf(declared, { emitted, hasDocs: true });
    // A declaration too long for any answer is shown without the comments on its members, rather than never.
    const isTooLong = head.length + tail.length + whole.length > charsMax;
    const text = isTooLong ? textOf(declared, { emitted, hasDocs: false }) : whole;
    if (size + text.length > charsMax) {
      omitted.push(declared.tool.name);
      continue;
    }
    size += text.length;
    typesText += text.types;
    functionsText += text.function;
    for (const name of text.names) emitted.add(name);
    included.push(declared.tool.name);
  }
  for (const { name } of chosen.slice(reached.length)) omitted.push(name);
  return { declaration: head + typesText + functionsText + tail, included, omitted };
}

/** Reading the schemas of more tools, only to name the types of a few, takes too long. */
const namedByAllMax = 100;
const readCharsMax = 512 * 1024;
/** Characters of schemas that are read for one of a declaration with a limit: most are far shorter than their schemas, but not by so much. */
const readPerChar = 20;

/** How many of these tools have together no more JSON than that. */
function withinReach(tools: readonly Tool[], charsMax: number): number {
  if (charsMax === Number.POSITIVE_INFINITY) return tools.length;
  let left = charsMax;
  const beyond = tools.findIndex(({ inputSchema, outputSchema = {} }) => {
    left -= JSON.stringify(inputSchema).length + JSON.stringify(outputSchema).length;
    return left < 0;
  });
  // The first is always read.
  return beyond === -1 ? tools.length : Math.max(beyond, 1);
}

/** A tool with its identifier and the types of its arguments and result. */
interface DeclaredFunction {
  tool: Tool;
  identifier: string;
  isOptional: boolean;
  args: TypeNode;
  /** Undefined if nothing is known about the result. */
  output: TypeNode | undefined;
  scope: TypeScope;
}

function functionsOf(tools: readonly Tool[], names: ReadonlyMap<string, string>): DeclaredFunction[] {
  const scope = new TypeScope(ownTypeNames);
  const plain = tools.map((tool) => ({ tool, args: argumentsNode(tool, scope), output: outputNode(tool, scope) }));
  const optional = plain.map(({ args }) => isOptional(args, (name) => scope.lookUp(name)));
  const roots = plain.flatMap(({ tool, args, output }) => [
    { node: args, hint: `${tool.name} args`, isInline: true },
    { node: output ?? unknownType, hint: `${tool.name} result` },
  ]);
  const shared = scope.share(roots);
  return plain.map(({ tool, args, output }, index): DeclaredFunction => {
    return {
      tool,
      identifier: names.get(tool.name) ?? tool.name,
      isOptional: optional[index] === true,
      args: shared[2 * index] ?? args,
      output: output && shared[2 * index + 1],
      scope,
    };
  });
}

/** The function's declaration, with those types it needs that are not declared yet. */
function textOf(declared: DeclaredFunction, { emitted, hasDocs }: { emitted: ReadonlySet<string>; hasDocs: boolean }) {
  const { tool, identifier, args, output, scope } = declared;
  const print = (type: TypeNode) => printType(hasDocs ? type : withoutDocs(type));
  const names = [...scope.namesIn(args), ...(output ? scope.namesIn(output) : [])].filter((name) => !emitted.has(name));
  const types = [...new Set(names)].map((name) => scope.declarationOf(name, { hasDocs })).join("");
  const parameter = `args${declared.isOptional ? "?" : ""}: ${print(args)}`;
  const result = resultText(tool, output, print);
  const text = `${blockComment(docOf(tool, identifier))}export function ${identifier}(${parameter}): Promise<${result}>;\n`;
  return { names, types, function: text, length: types.length + text.length };
}

/** Type names that the declaration itself uses, including globals. No generated type may take one of them. */
const ownTypeNames = ["McpResult", "Promise", "Record", observedAlias, ...resourceAndPromptTypeNames];

const observedDeclaration = `/** Inferred from results of this session, not declared by the server: members may be missing, and there may be others. */
export type ${observedAlias}<Shape> = any;
`;

const fixedMembers = `export type McpResult = { content: { type: string; [key: string]: unknown }[]; structuredContent?: unknown; isError?: boolean; _meta?: Record<string, unknown> };
/** Calls a tool by its name, as it is here or on the wire. */
export function $call(tool: string, args?: Record<string, unknown>): Promise<any>;
/** Like $call, but returns the whole MCP result. */
export function $raw(tool: string, args?: Record<string, unknown>): Promise<McpResult>;
/** The wire names of all tools. */
export const $tools: string[];
// Also available: $resources.list(), .templates(), .read(uri), .skills(); $prompts.list(), .get(name, args).
`;

function headOf({ title, summary, examples }: DeclareOptions["server"]): string {
  const uses =
    examples.length === 0
      ? []
      : descriptionLines(`Use when: ${examples.map((example) => example.replace(/(?<![.;\s])[.;\s]+$/, "")).join("; ")}`);
  return `${blockComment([oneLine(`${title}: ${summary}`, headCharsMax), ...uses])}\n`;
}

/** The registry limits title and summary; together they are shorter than this. */
const headCharsMax = 500;

/** The wire name is only told where the identifier does not show it: after a collision. */
function docOf(tool: Tool, identifier: string): string[] {
  const description = descriptionLines(tool.description ?? tool.title ?? "");
  const isShown = identifier === toIdentifier(tool.name);
  const notes = [...(isShown ? [] : [`Wire name: ${JSON.stringify(tool.name)}.`]), ...notesOf(tool)].join(" ");
  if (notes === "") return description;
  const [only = "", ...more] = description;
  const joined = only === "" ? notes : `${only}${/[.!?]$/.test(only) ? "" : "."} ${notes}`;
  return more.length === 0 && joined.length <= limits.descriptionLineCharsMax ? [joined] : [...description, notes];
}

/**
 * The tool's annotations, which are hints and not guarantees. Only those the server states: defaults of the protocol are not
 * printed.
 */
function notesOf({ annotations }: Tool): string[] {
  const notes = [
    annotations?.readOnlyHint === true ? "Read-only." : "",
    annotations?.destructiveHint === true && annotations.readOnlyHint !== true ? "Destructive." : "",
    annotations?.idempotentHint === true && annotations.readOnlyHint !== true ? "Idempotent." : "",
  ];
  return notes.filter((note) => note !== "");
}
