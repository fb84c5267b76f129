import type { ServerEntry } from "../registry.ts";
import type { Tool } from "../tool.ts";
import { nameTools } from "./identifiers.ts";
import { blockComment, descriptionLines, oneLine } from "./jsdoc.ts";
import { printType } from "./print.ts";
import { argumentsNode, isOptional, outputNode } from "./signature.ts";
import { clientSpecifier } from "./specifiers.ts";
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
  const names = nameTools(tools.map((tool) => tool.name));
  const wanted = only && new Set(only);
  const chosen = wanted ? tools.filter((tool) => wanted.has(tool.name)) : tools;
  const head = headOf(server);
  const tail = `${fixedMembers}export * as default from ${JSON.stringify(clientSpecifier(server.id))};\n`;

  const scope = new TypeScope(ownTypeNames);
  const functions: string[] = [];
  const included: string[] = [];
  const omitted: string[] = [];
  let typesText = "";
  let size = head.length + tail.length;
  for (const tool of chosen) {
    const typesBefore = scope.count;
    const text = functionOf(tool, { identifier: names.get(tool.name) ?? tool.name, scope });
    const types = scope.declarations(typesBefore).join("");
    if (size + text.length + types.length > charsMax) {
      scope.rollBackTo(typesBefore);
      omitted.push(tool.name);
      continue;
    }
    size += text.length + types.length;
    typesText += types;
    functions.push(text);
    included.push(tool.name);
  }
  return { declaration: head + typesText + functions.join("") + tail, included, omitted };
}

/** Type names that the declaration needs for itself, global ones included. */
const ownTypeNames = ["McpResult", "Promise", "Record"];

const fixedMembers = `export type McpResult = { content: { type: string; [key: string]: unknown }[]; structuredContent?: unknown; isError?: boolean };
/** Calls a tool by its wire name. */
export function $call(tool: string, args?: Record<string, unknown>): Promise<any>;
/** Like $call, but gives the whole MCP result. */
export function $raw(tool: string, args?: Record<string, unknown>): Promise<McpResult>;
/** The wire names of all tools. */
export const $tools: string[];
`;

function headOf({ title, summary, examples }: DeclareOptions["server"]): string {
  const uses = examples.length === 0 ? [] : descriptionLines(`Use when: ${examples.join(" ")}`);
  return `${blockComment([oneLine(`${title}: ${summary}`, headCharsMax), ...uses])}\n`;
}

/** Title and summary are bounded by the registry. */
const headCharsMax = 500;

function functionOf(tool: Tool, { identifier, scope }: { identifier: string; scope: TypeScope }): string {
  const args = argumentsNode(tool, scope);
  const output = outputNode(tool, scope);
  const mark = isOptional(args, (name) => scope.lookUp(name)) ? "?" : "";
  const result = output ? printType(output) : "any";
  return `${blockComment(docOf(tool, identifier))}export function ${identifier}(args${mark}: ${printType(args)}): Promise<${result}>;\n`;
}

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
