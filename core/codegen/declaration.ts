import type { Tool } from "../mcp/tool.ts";
import { nameTools } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { featureTypeNames } from "./features.ts";
import { blockComment, descriptionLines, oneLine } from "./jsdoc.ts";
import { printType } from "./print.ts";
import { argumentsNode, isOptional, observedAlias, outputNode, resultText } from "./signature.ts";
import { clientSpecifier } from "./specifiers.ts";
import { type TypeNode, unknownType, withoutDocs } from "./type-node.ts";
import { TypeScope } from "./types.ts";

export interface ClientDeclaration {
  /** TypeScript, complete in itself. */
  declaration: string;
  /** Wire names of the tools declared. */
  included: string[];
  /** Wire names of the tools that did not fit. */
  omitted: string[];
}

interface DeclareOptions {
  server: Pick<ServerEntry, "id" | "title" | "summary" | "examples">;
  /** All tools of the server: what one is called may depend on the others. */
  tools: readonly Tool[];
  /** Wire names; all tools when left out. */
  only?: readonly string[] | undefined;
  /** Bound of the text in characters. A tool that does not fit whole is left out whole. */
  charsMax?: number;
}

/** The `.d.ts` of module `mcp-clients/<id>`, with the chosen tools and the types they need. */
export function declareClient({ server, tools, only, charsMax = Number.POSITIVE_INFINITY }: DeclareOptions): ClientDeclaration {
  const names = nameTools(tools);
  const wanted = only && new Set(only);
  const chosen = wanted ? tools.filter((tool) => wanted.has(tool.name)) : tools;
  const head = headOf(server);
  const hasObserved = chosen.some((tool) => tool.outputSchema === undefined && tool.observedSchema !== undefined);
  const tail = `${hasObserved ? observedDeclaration : ""}${fixedMembers}export * as default from ${JSON.stringify(clientSpecifier(server.id))};\n`;

  const functions = functionsOf(chosen, names);
  const emitted = new Set<string>();
  const included: string[] = [];
  const omitted: string[] = [];
  let typesText = "";
  let functionsText = "";
  let size = head.length + tail.length;
  for (const declared of functions) {
    const whole = textOf(declared, { emitted, hasDocs: true });
    // A tool that no answer could ever hold is shown without the words on its members rather than never.
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
  return { declaration: head + typesText + functionsText + tail, included, omitted };
}

/** A tool with the types of the declaration it is part of. */
interface DeclaredFunction {
  tool: Tool;
  identifier: string;
  isOptional: boolean;
  args: TypeNode;
  /** Undefined where nothing is known of the result. */
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

/** The function and those types it needs that are not there yet. */
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

/** Type names that the declaration needs for itself, global ones included. */
const ownTypeNames = ["McpResult", "Promise", "Record", observedAlias, ...featureTypeNames];

const observedDeclaration = `/** A shape seen in results of this session, no promise: members may be missing, and others may come. */
export type ${observedAlias}<Shape> = any;
`;

const fixedMembers = `export type McpResult = { content: { type: string; [key: string]: unknown }[]; structuredContent?: unknown; isError?: boolean; _meta?: Record<string, unknown> };
/** Calls a tool by its wire name. */
export function $call(tool: string, args?: Record<string, unknown>): Promise<any>;
/** Like $call, but gives the whole MCP result. */
export function $raw(tool: string, args?: Record<string, unknown>): Promise<McpResult>;
/** The wire names of all tools. */
export const $tools: string[];
// Also there: $resources.list(), .templates(), .read(uri); $prompts.list(), .get(name, args).
`;

function headOf({ title, summary, examples }: DeclareOptions["server"]): string {
  const uses = examples.length === 0 ? [] : descriptionLines(`Use when: ${examples.join(" ")}`);
  return `${blockComment([oneLine(`${title}: ${summary}`, headCharsMax), ...uses])}\n`;
}

/** Title and summary are bounded by the registry. */
const headCharsMax = 500;

function docOf(tool: Tool, identifier: string): string[] {
  const notes = notesOf(tool);
  return [
    ...descriptionLines(tool.description ?? tool.title ?? ""),
    ...(identifier === tool.name ? [] : [`Wire name: ${JSON.stringify(tool.name)}`]),
    ...(notes === "" ? [] : [notes]),
  ];
}

/** What the server says of itself; its word is no promise. Only what it states, not the defaults of the protocol. */
function notesOf({ annotations }: Tool): string {
  const notes = [
    annotations?.readOnlyHint === true ? "Read-only." : "",
    annotations?.destructiveHint === true && annotations.readOnlyHint !== true ? "Destructive." : "",
    annotations?.idempotentHint === true && annotations.readOnlyHint !== true ? "Idempotent." : "",
  ];
  return notes.filter((note) => note !== "").join(" ");
}
