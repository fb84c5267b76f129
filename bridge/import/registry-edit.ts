import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";
import { OrchestratorError } from "../../core/errors.ts";
import { parseRegistry, type ServerEntry } from "../../core/registry/registry.ts";

/**
 * A registry's text with entries added at its end; what stands there stays as it is written.
 *
 * @throws OrchestratorError `invalid_input` when the text is no registry that can be added to
 */
export function addEntries(text: string, entries: readonly ServerEntry[]): string {
  const before = parseRegistry(text).problems;
  const broken = before.find(({ path }) => !path.startsWith("servers["));
  if (broken)
    throw new OrchestratorError(
      "invalid_input",
      `The registry cannot be added to. First correct ${broken.path}: ${broken.message}.`,
    );
  const added = insert(text, entries.map(entryDocument));
  const problem = parseRegistry(added).problems.at(before.length);
  // Every entry was checked by itself: this would be our own mistake, and not worth a broken file.
  if (problem) throw new Error(`the import would break the registry: ${problem.path}: ${problem.message}`);
  return added;
}

/** In the manner of the file. No editing library, because those write the neighbouring line anew as well. */
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
  if (node?.type !== "array") throw new Error("a registry that was read has its servers");
  return node;
}

/** What its line begins with. */
function indentAt(text: string, offset: number, orElse: string): string {
  return /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, offset))?.[1] || orElse;
}

/** An entry as a person would write it: without what is so anyway. */
export function entryDocument({ id, title, summary, mcp, tools, limits, auth, oauth }: ServerEntry): object {
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
