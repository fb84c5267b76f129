import { z } from "zod";
import { UpstreamError } from "../errors.ts";
import { isDeeperJson, isRecord, type JsonValue } from "../json.ts";
import { limits } from "../limits.ts";
import { withoutInvisible } from "../text.ts";
import { parseAlmostJson } from "./almost-json.ts";
import { keepDigits } from "./integers.ts";
import { isLongToRead } from "./message-bounds.ts";

type ContentBlock = { type: string } & Record<string, unknown>;

/**
 * An MCP tool result (spec: server/tools, CallToolResult), read leniently: an unknown member or content type does not fail the
 * call, nor does content that is a text or one block, nor an `isError` that is not a boolean.
 */
const CallToolResult = z.object({
  content: z.unknown().optional().transform(blocksOf),
  structuredContent: z.unknown().optional(),
  isError: z
    .unknown()
    .transform((value) => (value === undefined ? undefined : isTrue(value)))
    .optional(),
});
export type CallToolResult = z.infer<typeof CallToolResult> & Record<string, unknown>;

/** A result of no shape that MCP knows, as what it most likely means. Undefined for what is no result at all. */
function resultOf(answer: unknown): unknown {
  if (typeof answer === "string") return { content: answer };
  // An empty list is how PHP writes an empty object; a list of blocks has lost the object around it.
  if (Array.isArray(answer)) return answer.every(isBlock) ? { content: answer } : { content: [], structuredContent: answer };
  if (!isRecord(answer) || resultMembers.some((member) => member in answer)) return answer;
  // `toolResult` is what protocol version 2024-10-07 had in place of `content`.
  if (answer.toolResult !== undefined) return { content: [], structuredContent: answer.toolResult };
  if (!hasData(answer)) return answer;
  // In place: a copy of a hundred thousand members takes longer than reading them.
  const { _meta } = answer;
  delete answer._meta;
  delete answer.resultType;
  return { content: [], structuredContent: answer, ...(_meta !== undefined && { _meta }) };
}

function hasData(answer: Record<string, unknown>): boolean {
  for (const name in answer) if (name !== "_meta" && name !== "resultType") return true;
  return false;
}

const resultMembers = ["content", "structuredContent", "isError"];

/** @throws UpstreamError `tool_error` when it is not a tool result. The server has answered, so it may have acted. */
export function readToolResult(result: unknown, { server, tool }: { server: string; tool: string }): CallToolResult {
  const answer = resultOf(result);
  const parsed = CallToolResult.safeParse(answer);
  // In place: a server may have added hundreds of thousands of members, whose copy takes as long as reading them.
  if (parsed.success) return Object.assign(answer as Record<string, unknown>, parsed.data);
  throw new UpstreamError("tool_error", `${server}.${tool} returned something that is not a tool result.`, {
    ...{ server, tool, cause: parsed.error },
    delivery: "answered",
  });
}

/** The content as a list of blocks: a text is a text block, one block is a list of it, and data without a type is its JSON as text. */
function blocksOf(content: unknown): ContentBlock[] {
  if (content === undefined || content === null) return [];
  const blocks: unknown[] = Array.isArray(content) ? content : [content];
  return blocks.filter((block) => block !== null).map(blockOf);
}

function blockOf(block: unknown): ContentBlock {
  if (isBlock(block)) return block.type === "text" && isOtherText(block.text) ? { ...block, text: writtenAs(block.text) } : block;
  if (isRecord(block) && typeof block.text === "string") return { ...block, type: "text" };
  return { type: "text", text: writtenAs(block) };
}

/** A number or an object in place of the text of a block. */
function isOtherText(text: unknown): boolean {
  return text !== undefined && text !== null && typeof text !== "string";
}

function writtenAs(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function isBlock(value: unknown): value is ContentBlock {
  return isRecord(value) && typeof value.type === "string";
}

/** Whether an `isError` means an error: null is left over from a model that was dumped whole, and "false" from a template. */
function isTrue(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === "string" && /^(?:true|1|yes)$/i.test(value.trim()));
}

/**
 * What a program gets for a successful call: `structuredContent`; else the text, or the JSON object or array in a single text block;
 * else the blocks. An integer in that JSON that a double cannot hold stays a string.
 */
export function toValue(result: CallToolResult): unknown {
  if (result.structuredContent !== undefined && result.structuredContent !== null) return result.structuredContent;
  const texts = result.content.map(textOf);
  if (texts.every((text) => text !== undefined)) {
    return texts.length === 1 ? parseObjectOrText(texts[0] ?? "") : texts.join("\n");
  }
  return result.content.length === 1 ? result.content[0] : result.content;
}

/**
 * The types of the content that `toValue` leaves out: structured content stands for the texts beside it, and for nothing else, unless it
 * holds the same data.
 */
export function unseenIn({ structuredContent, content }: CallToolResult): string[] {
  if (structuredContent === undefined || structuredContent === null) return [];
  const media = content.filter(({ type }) => ["image", "audio", "resource"].includes(type));
  if (media.length === 0) return [];
  const seen = JSON.stringify(structuredContent);
  return media.filter((block) => !dataOf(block).some((data) => seen.includes(data))).map(({ type }) => type);
}

/** The base64 of a block, and the text of a resource, as JSON writes them. */
function dataOf({ data, resource }: CallToolResult["content"][number]): string[] {
  const inside =
    typeof resource === "object" && resource !== null ? [Reflect.get(resource, "blob"), Reflect.get(resource, "text")] : [];
  return [data, ...inside].filter((text) => typeof text === "string").map((text) => JSON.stringify(text));
}

/**
 * Servers made with the SDK refuse an answer of their own tool with the error for wrong arguments, although the tool has run: its answer
 * does not fit the schema that it declares. Only the text tells.
 */
export function isOwnAnswerRefused(message: string): boolean {
  return /\b(?:Output validation error|Invalid tools\/call result)\b/.test(message);
}

/** The text of an `isError` result; without text, its structured content as JSON. */
export function errorTextOf(result: CallToolResult): string {
  const text = result.content
    .map(textOf)
    .filter((part) => part !== undefined)
    .join("\n");
  if (text !== "") return withoutInvisible(text);
  const data = result.structuredContent ?? undefined;
  return data === undefined ? "the tool reported an error without a message" : JSON.stringify(data);
}

/** The blocks as plain JSON, for McpToolError.content. */
export function contentOf(result: CallToolResult): JsonValue {
  return JSON.parse(JSON.stringify(result.content)) as JsonValue;
}

function textOf(block: ContentBlock): string | undefined {
  return block.type === "text" && typeof block.text === "string" ? block.text : undefined;
}

/** JSON that nests deeper than any other answer may, or takes as long to read, stays text too: nothing could pass it on as a value. */
function parseObjectOrText(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || isDeeperJson(text, limits.answerDepthMax) || isLongToRead(text)) return text;
  try {
    return parseAlmostJson(keepDigits(text));
  } catch {
    // Not JSON after all: the text itself is the result.
    return text;
  }
}
