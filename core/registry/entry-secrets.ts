import { isRecord } from "../json.ts";
import { hideInArguments, hideInEnvironment, hideInHeaders, hideInUrl, type NameSecret } from "./hidden-secrets.ts";
import { variableFor, variablesIn } from "./secret-variables.ts";

/*
 * The secrets of an entry while a person edits it in a browser. What is typed or pasted there becomes a reference to a variable, and
 * what the file has as plain text is shown as a mark, which stands for it until it is written back.
 */

/** `${hidden:0}`: the first secret that the entry has in the file. */
const mark = /\$\{hidden:(\w+)\}/g;

/** Replaces the secrets of an entry by references to variables that no other entry uses. */
export function nameSecrets(entry: unknown, others: readonly unknown[]): unknown {
  const id = isRecord(entry) && typeof entry.id === "string" && entry.id !== "" ? entry.id : "server";
  const named = new Map<string, string>();
  const used = new Set([...variablesIn(others), ...variablesIn(entry)]);
  return hideInEntry(entry, ({ value, name }) => `\${env:${variableFor(named, { value, name, id, used })}}`);
}

/** Replaces the secrets of an entry by marks. */
export function maskSecrets(entry: unknown): { entry: unknown; secrets: string[] } {
  const secrets: string[] = [];
  const masked = hideInEntry(entry, ({ value }) => `\${hidden:${secrets.push(value) - 1}}`);
  return { entry: masked, secrets };
}

/** Puts the secrets back; a mark without one stays. */
export function unmaskSecrets(entry: unknown, secrets: readonly string[]): unknown {
  return mapStrings(entry, (text) => text.replace(mark, (whole, at: string) => secrets[Number(at)] ?? whole));
}

/** For an entry whose file has changed: a mark must not stand for another secret than the person has seen. */
export function loseMarks(entry: unknown): unknown {
  return mapStrings(entry, (text) => text.replace(mark, "${hidden:lost}"));
}

export function hasMark(entry: unknown): boolean {
  return (JSON.stringify(entry) ?? "").search(mark) >= 0;
}

/** An entry may be broken, or another program's, and have a secret all the same. */
function hideInEntry(entry: unknown, nameSecret: NameSecret): unknown {
  if (!isRecord(entry)) return entry;
  return mapValues(entry, (value, key) => (prose.has(key) ? value : hideInField(value, key, nameSecret)));
}

/** Fields of texts and names, in which a long word is no secret. */
const prose = new Set(["id", "title", "summary", "domains", "tags", "examples", "tools", "limits", "sensitivity", "visibility"]);
/** Fields that have fields of their own; all others that are objects are variables or headers. */
const nested = new Set(["mcp", "oauth", "auth"]);

function hideInField(value: unknown, key: string, nameSecret: NameSecret): unknown {
  if (Array.isArray(value)) {
    const texts = hideInArguments(value.map(textOf), nameSecret);
    return value.map((item, at) => (typeof item === "string" ? texts[at] : hideInField(item, key, nameSecret)));
  }
  if (isRecord(value)) {
    const hide = key === "headers" ? hideInHeaders : hideInEnvironment;
    return mapValues(value, (item, name) =>
      typeof item === "string" && !nested.has(key)
        ? hide({ [name]: item }, nameSecret)[name]
        : hideInField(item, name, nameSecret),
    );
  }
  if (typeof value !== "string") return value;
  if (key === "url") return hideInUrl(value, nameSecret);
  if (key === "command") return hideInArguments([value], nameSecret)[0];
  return hideInEnvironment({ [key]: value }, nameSecret)[key];
}

function textOf(item: unknown): string {
  return typeof item === "string" ? item : "";
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  return isRecord(value) ? mapValues(value, (item) => mapStrings(item, map)) : value;
}

function mapValues(record: Record<string, unknown>, map: (value: unknown, key: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
