import { findNodeAtLocation, type Node, parse, parseTree } from "jsonc-parser";
import { OrchestratorError } from "../errors.ts";
import { isRecord } from "../json.ts";
import { indentAt, removeJson, setJson, styleOf } from "./json-edit.ts";
import { type FileEntry, parseRegistry } from "./registry.ts";
import { isWholeRegistry } from "./whole-registry.ts";

/*
 * Edits of a registry's text. Each leaves what it does not concern as it is, comments and indentation included, and is read back: what
 * does not mean exactly what was wanted is not returned.
 */

/**
 * Appends entries.
 *
 * @throws OrchestratorError `invalid_input` when the text is not a valid registry, apart from single broken entries
 */
export function addEntries(text: string, entries: readonly FileEntry[]): string {
  const before = parseRegistry(text).problems.length;
  const added = insertEntries(text, entries.map(entryDocument));
  const problem = parseRegistry(added).problems.at(before);
  // Each entry was valid by itself, so this is a bug. Better no import than a broken registry.
  if (problem) throw new Error(`the import would break the registry: ${problem.path}: ${problem.message}`);
  return added;
}

/** @throws OrchestratorError `invalid_input`, as for all edits, when the file cannot be read as a whole */
export function insertEntries(text: string, documents: readonly unknown[]): string {
  return verified(text, [...entriesIn(text), ...documents], (bare) => insert(bare, documents));
}

/** Writes an entry's new state over the old one, field by field. */
export function editEntry(text: string, at: number, after: unknown): string {
  const entries = entriesIn(text);
  const difference = { path: ["servers", at], before: entries[at], after };
  return verified(text, entries.with(at, after), (bare) => setDifferences(bare, difference));
}

export function removeEntry(text: string, at: number): string {
  return verified(text, entriesIn(text).toSpliced(at, 1), (bare) => removeJson(bare, ["servers", at]));
}

/** The entries as they are written, whatever is wrong with them. */
export function entriesIn(text: string): unknown[] {
  if (!isWholeRegistry(text)) {
    const broken = parseRegistry(text).problems.find(({ path }) => !path.startsWith("servers["));
    const what = broken === undefined ? "its text" : `${broken.path}: ${broken.message}`;
    throw new OrchestratorError("invalid_input", `Cannot change the registry. First correct ${what}.`);
  }
  const document: { servers?: unknown } = parse(text.replace(byteOrderMark, ""));
  return Array.isArray(document.servers) ? document.servers : [];
}

/** The lines on which the entries begin, from 1. */
export function entryLines(text: string): number[] {
  const bare = text.replace(byteOrderMark, "");
  const servers = serversIn(bare);
  return (servers.children ?? []).map(({ offset }) => bare.slice(0, offset).split("\n").length);
}

interface Difference {
  path: (string | number)[];
  before: unknown;
  after: unknown;
}

function setDifferences(text: string, { path, before, after }: Difference): string {
  if (JSON.stringify(before) === JSON.stringify(after)) return text;
  if (!isRecord(before) || !isRecord(after)) return setJson(text, path, after);
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const rest = gone.reduce((edited, key) => removeJson(edited, [...path, key]), text);
  return Object.entries(after).reduce(
    (edited, [key, value]) =>
      Object.hasOwn(before, key)
        ? setDifferences(edited, { path: [...path, key], before: before[key], after: value })
        : setJson(edited, [...path, key], value),
    rest,
  );
}

/** Text is edited, and only its meaning is certain. */
function verified(text: string, expected: readonly unknown[], edit: (bare: string) => string): string {
  const [mark = ""] = byteOrderMark.exec(text) ?? [];
  const edited = mark + edit(text.slice(mark.length));
  if (isWholeRegistry(edited) && JSON.stringify(entriesIn(edited).map(sorted)) === JSON.stringify(expected.map(sorted)))
    return edited;
  throw new OrchestratorError(
    "invalid_input",
    "The registry is written in a way that cannot be edited safely. Change it by hand.",
  );
}

/** Some editors on Windows write it at the start of a file. */
const byteOrderMark = /^\ufeff/;

/** A field that is added stands behind the others, whatever its place in what was wanted. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([key, member]) => [key, sorted(member)]);
}

/** Uses the file's own indentation and line ends. Editing libraries are not used, because they reformat the preceding entry. */
function insert(text: string, documents: readonly unknown[]): string {
  const servers = serversIn(text);
  const { unit, eol } = styleOf(text);
  const last = servers.children?.at(-1);
  const indent = (last && indentAt(text, last.offset)) || unit + unit;
  const written = documents.map((document) => indent + JSON.stringify(document, undefined, unit).replaceAll("\n", eol + indent));
  const lines = written.join(`,${eol}`);
  if (last !== undefined) {
    const end = last.offset + last.length;
    return `${text.slice(0, end)},${eol}${lines}${text.slice(end)}`;
  }
  const closing = `${eol}${indentAt(text, servers.offset) || unit}]`;
  return `${text.slice(0, servers.offset)}[${eol}${lines}${closing}${text.slice(servers.offset + servers.length)}`;
}

function serversIn(text: string): Node {
  const tree = parseTree(text);
  const node = tree && findNodeAtLocation(tree, ["servers"]);
  if (node?.type !== "array") throw new Error("a registry that is whole has a servers array");
  return node;
}

/** An entry as a person would write it: without defaults and empty fields. */
export function entryDocument({ id, title, summary, mcp, tools, limits, auth, oauth }: FileEntry): object {
  const filled = Object.entries({ tools, limits }).filter(([, value]) => Object.keys(value).length > 0);
  return {
    id,
    title,
    summary,
    mcp: withoutEmpty(mcp),
    ...Object.fromEntries(filled),
    ...(auth === "none" ? {} : { auth }),
    ...(oauth && { oauth }),
  };
}

function withoutEmpty(record: object): object {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => typeof value !== "object" || value === null || Object.keys(value).length > 0),
  );
}
