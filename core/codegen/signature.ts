import type { Tool } from "../mcp/tool.ts";
import { isRecord } from "./literals.ts";
import { type Abbreviation, printLine } from "./print.ts";
import { acceptsEmptyObject, anyObjectType, isKeyword, type Member, type TypeNode } from "./type-node.ts";
import { TypeScope } from "./types.ts";

/** One signature: a model reads dozens of these to choose one. */
const signatureCharsMax = 200;

/**
 * A tool's call in one line of TypeScript, at most 200 characters: names of arguments and literals before nested
 * types, required arguments before optional ones. What is left out reads `…`, and `schema` of describe_mcp has it.
 */
export function signatureOf(name: string, tool: Tool): string {
  const scope = new TypeScope();
  const lookUp = (wanted: string) => scope.lookUp(wanted);
  const args = argumentsNode(tool, scope);
  const output = outputNode(tool, scope);
  for (const level of levels) {
    const result = resultText(tool, output, (node) => printLine(node, { ...level, depthMax: level.outputDepthMax, lookUp }));
    const signature = `${name}(${printArguments(args, { tool, abbreviation: { ...level, lookUp } })}): Promise<${result}>`;
    if (signature.length <= signatureCharsMax) return signature;
  }
  return `${name}(args${isOptional(args, lookUp) ? "?" : ""}: { … }): Promise<any>`;
}

/** The type of a tool's one parameter. Arguments are an object in MCP, so a schema of anything else means any object. */
export function argumentsNode(tool: Tool, scope: TypeScope): TypeNode {
  const schema = tool.inputSchema;
  const node = scope.nodeOf(schema, { root: schema, nameHint: `${tool.name} args` });
  if (node.kind === "keyword" || node.kind === "literal" || node.kind === "array" || node.kind === "tuple") return anyObjectType;
  return node.kind === "object" && isRecord(schema.properties)
    ? { ...node, members: withDefaults(node.members, schema.properties) }
    : node;
}

/** An argument with a default may be left out, also where the schema calls it required, as many generators do. */
function withDefaults(members: readonly Member[], properties: Record<string, unknown>): Member[] {
  return members.map((member) => {
    const property = Object.hasOwn(properties, member.name) ? properties[member.name] : undefined;
    return isRecord(property) && property.default !== undefined ? { ...member, isOptional: true } : member;
  });
}

/** What the server says its results are, or else what they looked like; `undefined` when neither is known. */
export function outputNode(tool: Tool, scope: TypeScope): TypeNode | undefined {
  const schema = tool.outputSchema ?? tool.observedSchema;
  return schema && scope.nodeOf(schema, { root: schema, nameHint: `${tool.name} result` });
}

/** The alias that marks a type as observed. It stands for `any`: what was never seen may come, and must not be refused. */
export const observedAlias = "Observed";

/** A result whose type nobody vouches for is `any` to the compiler; what is known of it stands there for whoever reads. */
export function resultText(tool: Tool, output: TypeNode | undefined, print: (node: TypeNode) => string): string {
  if (output === undefined) return "any";
  return tool.outputSchema === undefined ? `${observedAlias}<${print(output)}>` : print(output);
}

/** Whether a call may leave out its arguments. */
export function isOptional(args: TypeNode, lookUp: Abbreviation["lookUp"]): boolean {
  return acceptsEmptyObject(args, lookUp);
}

/** From telling all to telling little; the first that fits is shown. The result gives way first: it is read after the call. */
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

/** A schema that lists its properties, and lists none, means a tool without arguments unless it invites others in words. */
function takesNothing(args: TypeNode, { inputSchema }: Tool): boolean {
  if (args.kind !== "object" || args.members.length > 0 || !args.index) return false;
  const isSilent = isRecord(inputSchema.properties) && !inputSchema.additionalProperties && !inputSchema.patternProperties;
  return isKeyword(args.index, "never") || isSilent;
}
