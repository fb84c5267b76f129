import { closestHint, closestTo } from "../../core/closest.ts";
import { isRecord } from "../../core/json.ts";
import { withoutControls } from "../../core/log-line.ts";
import { itemsOf, kindOf, propertiesOf, requiredOf, type Schema, typesOf } from "../../core/saved/argument-schema.ts";
import { problemsOf } from "../../core/saved/validate.ts";
import { UsageError } from "../usage-error.ts";

/** A saved program, as its command line is read and explained. */
export interface FlaggedTool {
  name: string;
  description: string;
  inputSchema: Schema;
  examples?: readonly unknown[] | undefined;
}

/** Flags that every script has, unless its own arguments have that name. */
export interface OwnFlags {
  help: boolean;
  /** `-`: an object of arguments is on standard input. */
  stdin: boolean;
}

/**
 * The arguments that flags stand for: `--since 2026-11-01 --top=5 --verbose --no-color --id a --id b`. Each value is read as what the
 * schema says; a name may be written with hyphens. With `-`, flags come on top of the arguments on standard input, and nothing is checked
 * before those are `given`.
 * @throws UsageError
 */
export function readFlags(
  words: readonly string[],
  tool: FlaggedTool,
  given?: Record<string, unknown>,
): { args: Record<string, unknown>; own: OwnFlags } {
  try {
    const { args, own } = read(words, tool);
    const all = { ...given, ...args };
    if (!own.help && (!own.stdin || given !== undefined)) refuseUnfit(all, tool);
    return { args: all, own };
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(cause.message, { usage: `${flagsHelp(tool)}\n`, cause });
  }
}

function read(words: readonly string[], tool: FlaggedTool): ReturnType<typeof readFlags> {
  const properties = propertiesOf(tool.inputSchema);
  const args: Record<string, unknown> = {};
  const own: OwnFlags = { help: false, stdin: false };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] === "-h" ? "--help" : (words[at] ?? "");
    // Between what is ours and the script's, as for other commands that run one.
    if (word === "--") continue;
    if (word === "-") {
      own.stdin = true;
      continue;
    }
    const [, written = "", , inline] = /^--([^=]+)(=([\s\S]*))?$/.exec(word) ?? [];
    if (written === "") throw new UsageError(`${shown(word)} is no flag of ${shown(tool.name)}. Write --name value.`);
    const name = nameOf(written, properties);
    if (name === undefined && written === "help") {
      own.help = true;
      continue;
    }
    const negated = name === undefined && written.startsWith("no-") ? nameOf(written.slice(3), properties) : undefined;
    if (negated !== undefined && isBoolean(properties[negated])) {
      args[negated] = false;
      continue;
    }
    if (name === undefined) throw unknownFlag(written, tool);
    const schema = properties[name] ?? {};
    const next = words[at + 1];
    const isSwitch = isBoolean(schema) && inline === undefined && (next === undefined || !/^(?:true|false)$/.test(next));
    if (isSwitch) {
      args[name] = true;
      continue;
    }
    if (inline === undefined) at += 1;
    const text = inline ?? next;
    if (text === undefined) throw new UsageError(`--${shown(written)} needs a value.`);
    const value = readValue(text, schema, written);
    const before = args[name];
    args[name] = isList(schema) && !Array.isArray(value) ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return { args, own };
}

/** @throws UsageError for arguments that the script does not take */
function refuseUnfit(args: Record<string, unknown>, { name, inputSchema }: FlaggedTool): void {
  const missing = requiredOf(inputSchema).filter((required) => !Object.hasOwn(args, required));
  if (missing.length > 0) throw new UsageError(`${shown(name)} needs ${missing.map(flagOf).join(" and ")}.`);
  const problems = problemsOf(args, inputSchema);
  if (problems.length > 0) throw new UsageError(`${shown(name)} was not run: ${shown(problems.join("; "))}.`);
}

/** How a script is called, from its schema. */
export function flagsHelp({ name, description, inputSchema, examples = [] }: FlaggedTool): string {
  const required = requiredOf(inputSchema);
  const properties = Object.entries(propertiesOf(inputSchema));
  const lines = properties.map(([property, schema]) => {
    const notes = [
      typeof schema.description === "string" ? schema.description : "",
      required.includes(property) ? "(required)" : "",
      isList(schema) ? "(repeatable)" : "",
      schema.default === undefined ? "" : `(default: ${JSON.stringify(schema.default)})`,
    ].filter((note) => note !== "");
    const kind = kindOf(isOnlyList(schema) ? (itemsOf(schema) ?? {}) : schema);
    return `  ${`--${kebab(property)} <${kind}>`.padEnd(widthOfFlags)} ${notes.join(" ").replace(/\s+/g, " ")}`.trimEnd();
  });
  const shownExamples = examples.map((example) => `  ${typeof example === "string" ? example : commandFor(name, example)}`);
  return shown(
    [
      `Usage: mcp-bridge run ${name}${lines.length > 0 ? " [flags]" : ""}`,
      "",
      description,
      ...(lines.length > 0 ? ["", "Flags:", ...lines] : []),
      ...(shownExamples.length > 0 ? ["", "Examples:", ...shownExamples] : []),
    ].join("\n"),
  );
}

const widthOfFlags = 26;

function commandFor(name: string, example: unknown): string {
  if (typeof example !== "object" || example === null) return `mcp-bridge run ${name}`;
  const flags = Object.entries(example).flatMap(([key, value]) => {
    if (typeof value === "boolean") return `--${value ? "" : "no-"}${kebab(key)}`;
    const isSpread = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item !== "object");
    return (isSpread ? value : [value]).map(
      (item) => `--${kebab(key)} ${quoted(typeof item === "string" ? item : JSON.stringify(item))}`,
    );
  });
  return ["mcp-bridge run", name, ...flags].join(" ");
}

/** In single quotes, unless it has nothing that a shell reads. */
function quoted(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function unknownFlag(written: string, tool: FlaggedTool): UsageError {
  const names = Object.keys(propertiesOf(tool.inputSchema)).map(kebab);
  const closest = closestHint(closestTo(written, names).map((name) => `--${name}`));
  const hint = ownOptions.includes(written)
    ? ` It is an option of run, which stands before the script: mcp-bridge run --${written} … ${shown(tool.name)}`
    : closest;
  return new UsageError(`${shown(tool.name)} has no flag --${shown(written)}.${hint}`);
}

/** Of `mcp-bridge run` itself. */
const ownOptions: readonly string[] = ["url", "session", "registry"];

/** What a schema says may hold anything; a terminal obeys control characters. */
function shown(text: string): string {
  return withoutControls(text);
}

function nameOf(written: string, properties: Readonly<Record<string, Schema>>): string | undefined {
  if (Object.hasOwn(properties, written)) return written;
  return Object.keys(properties).find((name) => kebab(name) === kebab(written));
}

function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
}

function readValue(text: string, schema: Schema, flag: string): unknown {
  const types = typesOf(schema);
  if (types.includes("string") && types.every((type) => type === "string")) return text;
  if (text === "null" && types.includes("null")) return null;
  const number = Number(text);
  const isNumber = text.trim() !== "" && Number.isFinite(number);
  if (types.some((type) => type === "number" || type === "integer")) {
    if (isNumber) return number;
    if (types.length === 1) throw new UsageError(`--${flag} takes a number; ${JSON.stringify(shown(text))} is none.`);
  }
  if (types.length === 1 && types[0] === "boolean") {
    if (text === "true" || text === "false") return text === "true";
    throw new UsageError(`--${flag} takes true or false; ${JSON.stringify(shown(text))} is neither.`);
  }
  if (isList(schema)) {
    const json = jsonIn(text);
    return Array.isArray(json) ? json : readValue(text, isRecord(schema.items) ? schema.items : {}, flag);
  }
  const json = jsonIn(text);
  if (types.length === 1 && types[0] === "object" && !isRecord(json)) {
    throw new UsageError(`--${flag} takes an object as JSON, in single quotes.`);
  }
  return types.includes("string") && typeof json !== "object" ? text : (json ?? text);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It is text.
    return undefined;
  }
}

function isBoolean(schema: Schema | undefined): boolean {
  const types = schema ? typesOf(schema) : [];
  return types.length === 1 && types[0] === "boolean";
}

function isList(schema: Schema): boolean {
  return typesOf(schema).includes("array");
}

/** Then each flag has one of its items. */
function isOnlyList(schema: Schema): boolean {
  return isList(schema) && typesOf(schema).length === 1;
}

function flagOf(property: string): string {
  return `--${shown(kebab(property))}`;
}
