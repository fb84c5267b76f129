import { z } from "zod";
import type { JsonValue } from "../../core/json.ts";
import type { Tool } from "../../core/mcp/tool.ts";
import { UsageError } from "../usage-error.ts";

type Arguments = Record<string, JsonValue>;

const ToolArguments = z.record(z.string(), z.json());

/** A word of the command line: a JSON object, `key=text` or `key:=json`. */
type Word =
  | { kind: "object"; values: Arguments }
  | { kind: "text"; key: string; text: string }
  | { kind: "json"; key: string; value: JsonValue };

/** @throws UsageError that shows each of the forms */
export function readWords(words: readonly string[]): Word[] {
  return words.map(readWord);
}

/** A later word overrides an earlier one. Text becomes a number or a boolean where the tool wants nothing else. */
export function toArguments(words: readonly Word[], tool: Pick<Tool, "inputSchema">): Arguments {
  const properties: Record<string, unknown> = { ...Object(tool.inputSchema.properties) };
  const schemaOf = (key: string) => (Object.hasOwn(properties, key) ? properties[key] : undefined);
  const read = (word: Exclude<Word, { kind: "object" }>) =>
    word.kind === "json" ? word.value : fromText(word.text, typesOf(schemaOf(word.key)));
  return Object.fromEntries(
    words.flatMap((word) => (word.kind === "object" ? Object.entries(word.values) : [[word.key, read(word)] as const])),
  );
}

function readWord(word: string): Word {
  // An argument may be called anything, but JSON always begins so, and no name does.
  const pair = /^[[{"]/.test(word) ? undefined : /^([^=]*?)(:?=)(.*)$/s.exec(word);
  if (!pair) return { kind: "object", values: readObject(word) };
  const [, key = "", sign, text = ""] = pair;
  if (key === "") throw new UsageError(`${JSON.stringify(word)} has no name before the equals sign. ${forms}`);
  return sign === "=" ? { kind: "text", key, text } : { kind: "json", key, value: readJson(text, `${key}:=`) };
}

const forms = `Write key=text, key:=json, or one JSON object in single quotes, such as '{"timezone":"Asia/Tokyo"}'.`;

function readObject(text: string): Arguments {
  const args = ToolArguments.safeParse(readJson(text, "The arguments"));
  if (!args.success) throw new UsageError(`The arguments are JSON, but not an object. ${forms}`);
  return args.data;
}

function readJson(text: string, what: string): JsonValue {
  try {
    return z.json().parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${what} ${what.endsWith("=") ? "takes JSON" : "are not JSON"}: ${reason}. ${forms}`);
  }
}

const Typed = z.looseObject({ type: z.union([z.string(), z.array(z.string())]).optional() }).catch({});

function typesOf(schema: unknown): readonly string[] {
  return [Typed.parse(schema).type ?? []].flat();
}

function fromText(text: string, types: readonly string[]): JsonValue {
  if (types.length === 0 || types.includes("string")) return text;
  const wantsNumber = types.includes("number") || types.includes("integer");
  if (wantsNumber && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  // The server says what it wants instead.
  return text;
}
