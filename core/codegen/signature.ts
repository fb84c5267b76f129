import { isRecord } from "../json.ts";
import type { Tool } from "../mcp/tool.ts";
import { type Abbreviation, printLine } from "./print.ts";
import { acceptsEmptyObject, anyObjectType, isKeyword, type Member, type TypeNode } from "./type-node.ts";
import { TypeScope } from "./types.ts";

/** Length of one signature. A model reads dozens of them to choose a tool. */
const signatureCharsMax = 200;

/**
 * A tool's call as one line of TypeScript, at most 200 characters unless another limit is given. Where space is short, the names of arguments and literals come
 * before nested types, and required arguments before optional ones. `…` stands for the rest, which describe_mcp shows with detail
 * `schema`: with the names of its members where that takes no more than `namedCharsMax`.
 */
export function signatureOf(
  name: string,
  tool: Tool,
  { charsMax = signatureCharsMax, namedCharsMax = charsMax }: { charsMax?: number; namedCharsMax?: number } = {},
): string {
  const scope = new TypeScope();
  const lookUp = (wanted: string) => scope.lookUp(wanted);
  const args = argumentsNode(tool, scope);
  const output = outputNode(tool, scope);
  const write = (level: (typeof levels)[number], areNamed: boolean) => {
    const budget = { nodes: signatureNodesMax };
    const abbreviation = { ...level, areNamed, lookUp, budget };
    const result = resultText(tool, output, (node) => printLine(node, { ...abbreviation, depthMax: level.outputDepthMax }));
    const signature = `${name}(${printArguments(args, { tool, abbreviation })}): Promise<${result}>`;
    return budget.nodes < 0 ? undefined : signature;
  };
  for (const level of levels) {
    const signature = write(level, false);
    if (signature === undefined || signature.length > charsMax) continue;
    const telling = signature.includes("…") ? write(level, true) : signature;
    return telling !== undefined && telling.length <= namedCharsMax ? telling : signature;
  }
  return `${name}(args${isOptional(args, lookUp) ? "?" : ""}: { … }): Promise<any>`;
}

/** Types and members looked at for one line: far more than it has room for. */
const signatureNodesMax = 3_000;

/** The type of a tool's only parameter. MCP arguments are an object, so a schema of anything else is read as "any object". */
export function argumentsNode(tool: Tool, scope: TypeScope): TypeNode {
  const schema = tool.inputSchema;
  const node = scope.nodeOf(schema, { root: schema, nameHint: `${tool.name} args` });
  if (node.kind === "keyword" || node.kind === "literal" || node.kind === "array" || node.kind === "tuple") return anyObjectType;
  return node.kind === "object" && isRecord(schema.properties)
    ? { ...node, members: withDefaults(node.members, schema.properties) }
    : node;
}

/** An argument with a default is optional, even if the schema requires it, as that of many generators does. */
function withDefaults(members: readonly Member[], properties: Record<string, unknown>): Member[] {
  return members.map((member) => {
    const property = Object.hasOwn(properties, member.name) ? properties[member.name] : undefined;
    return isRecord(property) && property.default !== undefined ? { ...member, isOptional: true } : member;
  });
}

/** The declared type of the results, or else the observed one; `undefined` if neither is known. */
export function outputNode(tool: Tool, scope: TypeScope): TypeNode | undefined {
  const schema = tool.outputSchema ?? tool.observedSchema;
  return schema && scope.nodeOf(schema, { root: schema, nameHint: `${tool.name} result` });
}

/**
 * The alias that marks a type as observed. To the compiler it is `any`, so that a result unlike those seen before is no type
 * error.
 */
export const observedAlias = "Observed";

/** The printed result type. An undeclared result is `any` to the compiler; its observed shape is there for the reader. */
export function resultText(tool: Tool, output: TypeNode | undefined, print: (node: TypeNode) => string): string {
  if (output === undefined) return "any";
  return tool.outputSchema === undefined ? `${observedAlias}<${print(output)}>` : print(output);
}

/** Whether a call may leave out its arguments. */
export function isOptional(args: TypeNode, lookUp: Abbreviation["lookUp"]): boolean {
  return acceptsEmptyObject(args, lookUp);
}

/**
 * From the most to the least detailed; the first that fits is used. The result is shortened first, because it is read after the
 * call.
 */
const levels = [
  { literalsMax: 12, depthMax: 5, outputDepthMax: 5, membersMax: 30 },
  { literalsMax: 8, depthMax: 4, outputDepthMax: 2, membersMax: 20 },
  { literalsMax: 5, depthMax: 3, outputDepthMax: 1, membersMax: 16 },
  { literalsMax: 4, depthMax: 2, outputDepthMax: 1, membersMax: 12 },
  { literalsMax: 3, depthMax: 2, outputDepthMax: 0, membersMax: 12 },
  { literalsMax: 3, depthMax: 1, outputDepthMax: 0, membersMax: 10 },
  { literalsMax: 2, depthMax: 1, outputDepthMax: 0, membersMax: 7 },
  { literalsMax: 2, depthMax: 1, outputDepthMax: 0, membersMax: 5 },
  { literalsMax: 2, depthMax: 1, outputDepthMax: 0, membersMax: 3 },
  { literalsMax: 0, depthMax: 1, outputDepthMax: 0, membersMax: 1 },
] as const;

function printArguments(args: TypeNode, { tool, abbreviation }: { tool: Tool; abbreviation: Abbreviation }): string {
  if (takesNothing(args, tool)) return "";
  return `args${isOptional(args, abbreviation.lookUp) ? "?" : ""}: ${printLine(args, abbreviation)}`;
}

/** Whether a tool takes no arguments: its schema has an empty list of properties and does not explicitly allow others. */
function takesNothing(args: TypeNode, { inputSchema }: Tool): boolean {
  if (args.kind !== "object" || args.members.length > 0 || !args.index) return false;
  const isSilent = isRecord(inputSchema.properties) && !inputSchema.additionalProperties && !inputSchema.patternProperties;
  return isKeyword(args.index, "never") || isSilent;
}
