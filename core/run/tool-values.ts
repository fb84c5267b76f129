import type { CallReply } from "../calls/tool-caller.ts";
import { cutText, oneLine } from "../text.ts";

/** What the last calls of a run returned, or that none did, for an error that a program makes of a value it expected to be another. */
export interface ToolValues {
  note(call: { server: string; tool: string }, reply: CallReply): void;
  /** What they returned, when the message of an error says that some value was not what the program took it for. */
  hintFor(message: string): string | undefined;
  /** The same for a result that holds no value, as that of a field that a tool's value does not have. Undefined if theirs hold none either. */
  hintForHollow(resultJson: string | undefined): string | undefined;
}

/** Tools whose last value is remembered, and of those the ones that an error mentions. */
const toolsKeptMax = 4;
const toolsToldMax = 2;
/** A longer value is not parsed only to be described. */
const parsedCharsMax = 64 * 1024;
const textCharsMax = 80;
const fieldsMax = 8;
const nameCharsMax = 40;

export function createToolValues(): ToolValues {
  const last = new Map<string, () => string>();
  let failed: string | undefined;
  const lastSaid = () => [...last].slice(-toolsToldMax).map(([name, describe]) => ({ name, said: describe() }));
  const sentence = (said: ReturnType<typeof lastSaid>) => said.map((one) => `${one.name} returned ${one.said}`).join("; ");
  return {
    note({ server, tool }, reply) {
      const name = `${server}.${tool}`;
      if (!reply.ok) {
        failed = `${name} failed: ${cutText(oneLine(reply.error.message), textCharsMax)}`;
        return;
      }
      last.delete(name);
      last.set(name, () => described(reply));
      for (const [oldest] of last) if (last.size > toolsKeptMax) last.delete(oldest);
    },
    hintFor(message) {
      if (!isAboutValues(message)) return undefined;
      // Beside values, a call that failed is seldom the one that is missing.
      if (last.size === 0) return failed;
      const told = sentence(lastSaid());
      return isParsedAlready(message) ? `${told}, which is no text: use it without JSON.parse` : told;
    },
    hintForHollow(resultJson) {
      if (resultJson !== undefined && !isHollow(resultJson)) return undefined;
      if (last.size === 0) return failed;
      const telling = lastSaid().filter(({ said }) => !saysNothing.includes(said));
      return telling.length === 0 ? undefined : sentence(telling);
    },
  };
}

/** The language's own words for a value of another kind than expected, and for text that is no JSON. */
function isAboutValues(message: string): boolean {
  return (
    (/^TypeError: /.test(message) &&
      /Cannot (?:read|set|destructure|convert|use)|is not (?:a function|iterable|a constructor|an object)/.test(message)) ||
    /^SyntaxError: .*JSON/s.test(message)
  );
}

/** JSON.parse reads an object as this text. */
function isParsedAlready(message: string): boolean {
  return message.includes('"[object Object]" is not valid JSON');
}

/** Null, an object without fields, or a list of such. In JSON, what is undefined is left out or null, and NaN is null. */
function isHollow(json: string): boolean {
  return json.length <= hollowCharsMax && /^(?:null|\{\}|\[(?:(?:\{\}|null),?)+\])$/.test(json);
}

const hollowCharsMax = 10_000;
const saysNothing: readonly string[] = ["nothing", "null", "{}", "a list of 0"];

function described(reply: Extract<CallReply, { ok: true }>): string {
  if (reply.valueJson === undefined) return shapeOf(reply.value);
  const { valueJson } = reply;
  if (valueJson.length > parsedCharsMax) return valueJson.startsWith("[") ? "a long list" : "a large value";
  try {
    return shapeOf(JSON.parse(valueJson));
  } catch {
    // Whoever reads the value will say what is wrong with it.
    return "a value that is no JSON";
  }
}

function shapeOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") {
    const what = isJsonText(value) ? "a string that may be read with JSON.parse" : "a string";
    return `${what}: ${JSON.stringify(cutText(value, textCharsMax))}`;
  }
  if (Array.isArray(value)) return `a list of ${value.length}${value.length === 0 ? "" : `: [${kindOf(value[0], 1)}, …]`}`;
  return typeof value === "object" && value !== null ? kindOf(value, 2) : String(value);
}

/** Of a long text only the start is looked at: a log line begins with a bracket too, but with no value in it. */
function isJsonText(text: string): boolean {
  if (text.length > parsedCharsMax) return /^\s*(?:\{\s*"|\[\s*(?:[[{"\d-]|true|false|null))/.test(text);
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/** A value's type as TypeScript would write it, to a depth. */
function kindOf(value: unknown, depth: number): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[${depth > 0 ? kindOf(value[0], depth) : "…"}, …]`;
  const fields = Object.keys(value);
  if (fields.length === 0) return "{}";
  if (depth <= 0) return "{ … }";
  const shown = fields
    .slice(0, fieldsMax)
    .map((name) => `${cutText(name, nameCharsMax)}: ${kindOf(Reflect.get(value, name), depth - 1)}`);
  return `{ ${shown.join(", ")}${fields.length > fieldsMax ? ", …" : ""} }`;
}
