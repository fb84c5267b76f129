import { isDeeperJson, type JsonValue } from "../json.ts";
import { limits } from "../limits.ts";
import type { ArgumentField } from "./argument-form.ts";

export interface ReadArguments {
  args: Record<string, JsonValue>;
  /** What is wrong with a field, by its name; that of the further arguments is "". */
  problems: ReadonlyMap<string, string>;
}

/** The arguments that were typed into a form. An optional field that is empty is left out. */
export function readArguments(
  { fields }: { fields: readonly ArgumentField[] },
  { typed, more }: { typed: (name: string) => string; more: string },
): ReadArguments {
  const problems: [string, string][] = [];
  const given = fields.flatMap((field): [string, JsonValue][] => {
    const text = typed(field.name);
    if (text === "" && !field.isRequired) return [];
    const read = fieldValue(field, text);
    if ("value" in read) return [[field.name, read.value]];
    problems.push([field.name, read.problem]);
    return [];
  });
  const further = more.trim() === "" ? { value: {} } : objectOf(more);
  if ("problem" in further) problems.push(["", further.problem]);
  return { args: Object.fromEntries([...given, ...membersOf(further)]), problems: new Map(problems) };
}

function objectOf(text: string): Read {
  const read = jsonOf(text);
  const isObject = "value" in read && typeof read.value === "object" && read.value !== null && !Array.isArray(read.value);
  return isObject || "problem" in read ? read : { problem: "This is no JSON object." };
}

function membersOf(read: Read): [string, JsonValue][] {
  return "value" in read && typeof read.value === "object" && read.value !== null ? Object.entries(read.value) : [];
}

type Read = { value: JsonValue } | { problem: string };

function fieldValue(field: ArgumentField, text: string): Read {
  const { kind, items, choices = [] } = field;
  switch (kind) {
    case "text":
      if (text === "") return { problem: "This must be given." };
      // JSON Schema counts characters, not code units.
      return boundProblem(field, [...text].length, "characters") ?? { value: text };
    case "boolean":
      return text === "true" || text === "false" ? { value: text === "true" } : { problem: "Choose yes or no." };
    case "choice":
      return choices.includes(text) ? { value: JSON.parse(text) } : { problem: "Choose one." };
    case "choices": {
      const chosen = linesOf(text);
      const isKnown = chosen.every((line) => choices.includes(line));
      return isKnown ? { value: chosen.map((line) => JSON.parse(line)) } : { problem: "Choose of these." };
    }
    case "number":
    case "integer": {
      const read = numberOf(text, kind);
      return ("value" in read && boundProblem(field, read.value)) || read;
    }
    case "list":
      return listOf(text, items);
    case "json":
      return jsonOf(text);
  }
}

/** Undefined if it is within the field's bounds. */
function boundProblem({ least, most }: ArgumentField, given: number, unit = ""): { problem: string } | undefined {
  const shown = (bound: number) => `${bound} ${unit}`.trim();
  if (least !== undefined && given < least) return { problem: `This must be at least ${shown(least)}.` };
  if (most !== undefined && given > most) return { problem: `This must be at most ${shown(most)}.` };
  return undefined;
}

function numberOf(text: string, kind: "number" | "integer"): { value: number } | { problem: string } {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return { problem: "This is no number." };
  if (kind === "integer" && !Number.isSafeInteger(value)) return { problem: "This is no whole number." };
  return { value };
}

/** One a line. */
function listOf(text: string, items: ArgumentField["items"]): Read {
  const lines = linesOf(text);
  if (items !== "number") return { value: lines };
  const numbers = lines.map((line) => numberOf(line, "number"));
  const wrong = numbers.find((read) => "problem" in read);
  return wrong ?? { value: numbers.flatMap((read) => ("value" in read ? [read.value] : [])) };
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

/** What a person would have typed for the value that is taken without them; "" if there is none, or none that fits the field. */
export function typedInitially(field: ArgumentField): string {
  if (field.initial === undefined) return "";
  const value: unknown = JSON.parse(field.initial);
  const isText = field.kind === "text" || field.kind === "list";
  const text = (one: unknown) => (isText && typeof one === "string" ? one : JSON.stringify(one));
  const typed = Array.isArray(value) && field.kind !== "json" ? value.map(text).join("\n") : text(value);
  return "value" in fieldValue(field, typed) ? typed : "";
}

/** JSON that a person typed. */
export function jsonOf(text: string): Read {
  if (isDeeperJson(text, limits.requestDepthMax)) return { problem: `This nests deeper than ${limits.requestDepthMax} levels.` };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "This is no JSON." };
  }
}
