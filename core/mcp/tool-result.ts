import { z } from "zod";
import { UpstreamError } from "../errors.ts";
import type { JsonValue } from "../json.ts";

/**
 * An MCP tool result (spec: server/tools, CallToolResult), read loosely: a server that adds a field or a content type of
 * its own must not cost the call.
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

/** @throws UpstreamError `tool_error` for anything else. The server has answered, so it may have acted. */
export function readToolResult(result: unknown, { server, tool }: { server: string; tool: string }): CallToolResult {
  const parsed = CallToolResult.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new UpstreamError("tool_error", `${server}.${tool} answered something that is no tool result.`, {
    ...{ server, tool, cause: parsed.error },
    delivery: "answered",
  });
}

/**
 * What a program gets for a successful call: `structuredContent`; else, from a single text block, the JSON object or
 * array it holds, or the text itself; else the blocks. A number that would lose digits stays text.
 */
export function toValue(result: CallToolResult): unknown {
  if (result.structuredContent !== undefined && result.structuredContent !== null) return result.structuredContent;
  const texts = result.content.map(textOf);
  if (texts.every((text) => text !== undefined)) {
    return texts.length === 1 ? parseObjectOrText(texts[0] ?? "") : texts.join("\n");
  }
  return result.content.length === 1 ? result.content[0] : result.content;
}

/** The words of an `isError` result; without any, what it holds as data. */
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
    return manyDigits.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  } catch {
    // It only looked like JSON: the text itself is the result.
    return text;
  }
}

const manyDigits = /\d{16}/;

/** A whole number that no double holds stays the text it was: ids of twenty digits lose nothing. */
function exactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  const isExact = typeof value !== "number" || source === undefined || Number.isSafeInteger(value) || !/^-?\d+$/.test(source);
  return isExact ? value : source;
}
