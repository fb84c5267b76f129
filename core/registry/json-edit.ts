import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";

type Path = readonly (string | number)[];

/** Sets a property and leaves all other text as it is, comments and indentation included. Objects on its path are made. */
export function setJson(text: string, path: Path, value: unknown): string {
  const source = text.trim() === "" ? "{}\n" : text;
  const style = styleOf(source);
  const root = parseTree(source);
  const present = root && findNodeAtLocation(root, [...path]);
  if (present) {
    const end = present.offset + present.length;
    const isOneLine = present.children !== undefined && !source.slice(present.offset, end).includes("\n");
    const indent = indentAt(source, present.offset);
    const written = (isOneLine && onOneLine(value)) || JSON.stringify(value, undefined, style.unit);
    return source.slice(0, present.offset) + written.replaceAll("\n", style.eol + indent) + source.slice(end);
  }
  const { object, missing } = deepestObject(root, path);
  const [name = "", ...deeper] = missing.map(String);
  return insert(source, object, { name, value: deeper.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value), style });
}

/** Removes a property or an element with the comma that it leaves behind, and with the comment behind it on its line. */
export function removeJson(text: string, path: Path): string {
  const root = parseTree(text);
  const found = root && findNodeAtLocation(root, [...path]);
  const member = found?.parent?.type === "property" ? found.parent : found;
  const parent = member?.parent;
  const siblings = parent?.children;
  if (member === undefined || parent === undefined || siblings === undefined) return text;
  const index = siblings.indexOf(member);
  const previous = siblings[index - 1];
  const end = member.offset + member.length;
  if (siblings[index + 1]) return text.slice(0, member.offset) + text.slice(end).replace(commaAfter, "");
  if (previous) {
    const start = previous.offset + previous.length;
    const [, comment = ""] = commaAfter.exec(text.slice(start)) ?? [];
    return text.slice(0, start) + comment.trimEnd() + text.slice(end);
  }
  const empty = parent.type === "array" ? "[]" : "{}";
  return `${text.slice(0, parent.offset)}${empty}${text.slice(parent.offset + parent.length)}`;
}

/** The comma that follows a value, the comment behind it on its line, and the way to the next value or its comments. */
const commaAfter = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*?,([ \t]*(?:\/\/[^\n]*|\/\*[^\n]*?\*\/(?=[ \t]*\r?\n))?)\s*/;

/** What was short before is kept short: a list of arguments on one line. Undefined where it does not fit. */
function onOneLine(value: unknown): string | undefined {
  const text = JSON.stringify(value, undefined, " ").replace(/\n */g, " ").replace(/\[ /g, "[").replace(/ \]/g, "]");
  const isSame = JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  return isSame && text.length <= lineCharsMax ? text : undefined;
}

const lineCharsMax = 120;

export interface Style {
  unit: string;
  eol: string;
}

export function styleOf(text: string): Style {
  return { unit: /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ", eol: text.includes("\r\n") ? "\r\n" : "\n" };
}

function deepestObject(root: Node | undefined, path: Path): { object: Node | undefined; missing: Path } {
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const object = depth === 0 ? root : root && findNodeAtLocation(root, path.slice(0, depth));
    if (object?.type === "object") return { object, missing: path.slice(depth) };
  }
  return { object: undefined, missing: path };
}

/** Unchanged where there is no object to insert into: the caller compares the result with what it wanted. */
function insert(text: string, object: Node | undefined, added: { name: string; value: unknown; style: Style }): string {
  if (object === undefined) return text;
  const { unit, eol } = added.style;
  const last = object.children?.at(-1);
  const outer = indentAt(text, object.offset);
  const indent = last === undefined ? outer + unit : indentAt(text, last.offset);
  const written = JSON.stringify({ [added.name]: added.value }, undefined, unit)
    .split("\n")
    .slice(1, -1);
  const lines = written.map((line) => indent + line.slice(unit.length)).join(eol);
  if (last === undefined)
    return `${text.slice(0, object.offset)}{${eol}${lines}${eol}${outer}}${text.slice(object.offset + object.length)}`;
  const end = last.offset + last.length;
  return `${text.slice(0, end)},${eol}${lines}${text.slice(end)}`;
}

/** The indentation of the line at this offset. */
export function indentAt(text: string, offset: number): string {
  return /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, offset))?.[1] ?? "";
}
