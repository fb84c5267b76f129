import { z } from "zod";
import { UpstreamError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { withLongIntegersAsText } from "./long-integers.ts";

/**
 * An MCP tool result (spec: server/tools, CallToolResult), read leniently: an unknown member or content type does not fail the
 * call.
 */
export const CallToolResult = z.looseObject({
  content: z
    .array(z.looseObject({ type: z.string() }))
    .nullish()
    .transform((content) => content ?? []),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});
export type CallToolResult = z.infer<typeof CallToolResult>;

type ContentBlock = CallToolResult["content"][number];

/** @throws UpstreamError `tool_error` when it is not a tool result. The server has answered, so it may have acted. */
export function readToolResult(result: unknown, { server, tool }: { server: string; tool: string }): CallToolResult {
  const parsed = CallToolResult.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new UpstreamError("tool_error", `${server}.${tool} returned something that is not a tool result.`, {
    ...{ server, tool, cause: parsed.error },
    delivery: "answered",
  });
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

/** The text of an `isError` result; without text, its structured content as JSON. */
export function errorTextOf(result: CallToolResult): string {
  const text = result.content
    .map(textOf)
    .filter((part) => part !== undefined)
    .join("\n");
  if (text !== "") return text;
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

function parseObjectOrText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(manyDigits.test(text) ? withLongIntegersAsText(text) : text);
  } catch {
    // Not JSON after all: the text itself is the result.
    return text;
  }
}

const manyDigits = /\d{16}/;
