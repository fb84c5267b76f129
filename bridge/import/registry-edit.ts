import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";
import { OrchestratorError } from "../../core/errors.ts";
import { type FileEntry, parseRegistry } from "../../core/registry/registry.ts";

/**
 * Appends entries to a registry's text and leaves the existing text unchanged.
 *
 * @throws OrchestratorError `invalid_input` when the text is not a valid registry, apart from single broken entries
 */
export function addEntries(text: string, entries: readonly FileEntry[]): string {
  const before = parseRegistry(text).problems;
  const broken = before.find(({ path }) => !path.startsWith("servers["));
  if (broken)
    throw new OrchestratorError("invalid_input", `Cannot add to the registry. First correct ${broken.path}: ${broken.message}.`);
  const added = insert(text, entries.map(entryDocument));
  const problem = parseRegistry(added).problems.at(before.length);
  // Each entry was valid by itself, so this is a bug. Better no import than a broken registry.
  if (problem) throw new Error(`the import would break the registry: ${problem.path}: ${problem.message}`);
  return added;
}

/** Uses the file's own indentation and line ends. Editing libraries are not used, because they reformat the preceding entry. */
function insert(text: string, documents: readonly object[]): string {
  const servers = serversIn(text);
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
  const last = servers.children?.at(-1);
  const indent = last === undefined ? unit + unit : indentAt(text, last.offset, unit + unit);
  const written = documents.map((document) => indent + JSON.stringify(document, undefined, unit).replaceAll("\n", eol + indent));
  const lines = written.join(`,${eol}`);
  if (last !== undefined) {
    const end = last.offset + last.length;
    return `${text.slice(0, end)},${eol}${lines}${text.slice(end)}`;
  }
  const closing = `${eol}${indentAt(text, servers.offset, unit)}]`;
  return `${text.slice(0, servers.offset)}[${eol}${lines}${closing}${text.slice(servers.offset + servers.length)}`;
}

function serversIn(text: string): Node {
  const tree = parseTree(text);
  const node = tree && findNodeAtLocation(tree, ["servers"]);
  if (node?.type !== "array") throw new Error("a registry without problems has a servers array");
  return node;
}

/** The indentation of the line at this offset. */
function indentAt(text: string, offset: number, fallback: string): string {
  return /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, offset))?.[1] || fallback;
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
