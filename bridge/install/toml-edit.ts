import { stringify } from "smol-toml";

/** Replaces or appends a table and leaves all other text as it is. */
export function setToml(text: string, path: readonly string[], value: object): string {
  const table = stringify(path.reduceRight<object>((inner, key) => ({ [key]: inner }), value))
    .replace(/^\[mcp_servers\]\n+(?=\[)/, "")
    .trim();
  const rest = removeToml(text, path).trimEnd();
  return `${rest === "" ? "" : `${rest}\n\n`}${table}\n`;
}

/** Removes a table, with the tables inside it, up to the next one or the end. */
export function removeToml(text: string, path: readonly string[]): string {
  const kept: string[] = [];
  let isInside = false;
  for (const line of text.split(/(?<=\n)/)) {
    const header = /^\s*\[([^[\]]+)\]\s*(?:#.*)?$/.exec(line.trimEnd())?.[1];
    if (header !== undefined) isInside = startsWith(keysOf(header), path);
    if (!isInside) kept.push(line);
  }
  return kept.join("");
}

function keysOf(header: string): string[] {
  return [...header.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");
}

function startsWith(keys: readonly string[], path: readonly string[]): boolean {
  return path.every((key, index) => keys[index] === key);
}
