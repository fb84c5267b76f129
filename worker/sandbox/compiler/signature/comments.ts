import ts from "typescript";
import { signatureLimits } from "./signature-limits.ts";

/** What the comment of a property says of its values, as members of its schema. */
export function commentOf(checker: ts.TypeChecker, symbol: ts.Symbol): Record<string, unknown> {
  const found = symbol.getJsDocTags(checker).map(({ name, text }) => ({ name, text: ts.displayPartsToString(text) }));
  const above = { text: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim(), tags: found };
  const { text, tags } = above.text === "" && found.length === 0 ? commentBefore(symbol.declarations?.[0]) : above;
  const constraints = tags.flatMap((tag) => tagsIn(tag.name, tag.text)).flatMap((tag) => constraintOf(tag.name, tag.text));
  const description = text === "" ? {} : { description: text.slice(0, signatureLimits.descriptionCharsMax) };
  return { ...description, ...Object.fromEntries(constraints) };
}

/** `{ a: string; /** … *\/ b: string }`: to the compiler, a comment on the same line belongs to what is before it. */
function commentBefore(node: ts.Node | undefined): { text: string; tags: { name: string; text: string }[] } {
  const source = node?.getSourceFile().text ?? "";
  const ranges = node ? (ts.getTrailingCommentRanges(source, node.pos) ?? []) : [];
  const comment = ranges.map(({ pos, end }) => source.slice(pos, end)).findLast((text) => text.startsWith("/**"));
  const inner = (comment ?? "")
    .slice(3, -2)
    .replace(/^\s*\*/gm, "")
    .trim();
  const start = inner.search(/(?:^|\s)@[A-Za-z]/);
  if (start === -1) return { text: inner, tags: [] };
  return { text: inner.slice(0, start).trim(), tags: tagsIn("", inner.slice(start)).slice(1) };
}

/** Several tags on one line, `@minimum 1 @integer`, are one to the compiler. */
function tagsIn(name: string, text: string): { name: string; text: string }[] {
  const [first = "", ...others] = text.split(/(?:^|\s)@(?=[A-Za-z])/);
  const further = others.map((other) => {
    const [, word = "", rest = ""] = /^([A-Za-z]+)\s*([\s\S]*)$/.exec(other) ?? [];
    return { name: word, text: rest.trim() };
  });
  return [{ name, text: first.trim() }, ...further];
}

const counts = [
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
];

/** `@minimum 1`, `@pattern ^a`, `@default "x"`: a constraint that its type cannot express. */
function constraintOf(name: string, text: string): [string, unknown][] {
  if (name === "integer") return [["type", "integer"]];
  if (name === "deprecated") return [["deprecated", true]];
  if (name === "format" || name === "pattern") return text === "" ? [] : [[name, text]];
  if (counts.includes(name)) return Number.isFinite(Number(text)) && text !== "" ? [[name, Number(text)]] : [];
  if (name !== "default" && name !== "example") return [];
  const value = valueIn(text);
  return name === "default" ? [["default", value]] : [["examples", [value]]];
}

/** JSON, or the text itself: people write both. */
function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What a program's first comment, or that of its entry function, says of the whole. */
export interface EntryComment {
  description: string;
  /** `@param args.since how far back`, by the name of the argument. */
  parameters: ReadonlyMap<string, string>;
  tags: readonly { name: string; text: string }[];
}

/** The comment of the node, else the one at the top of its file. */
export function entryComment(file: ts.SourceFile, node: ts.Node | undefined): EntryComment {
  const [first] = file.statements;
  const comments = new Set([...(node ? commentsAbove(node) : []), ...(first ? commentsAbove(first) : [])]);
  const [comment] = comments;
  const parameters = new Map<string, string>();
  const tags: { name: string; text: string }[] = [];
  for (const tag of [...comments].flatMap(({ tags: found = [] }) => [...found])) {
    const text = (ts.getTextOfJSDocComment(tag.comment) ?? "").trim();
    if (ts.isJSDocParameterTag(tag)) parameters.set(tag.name.getText(file).split(".").at(-1) ?? "", text.replace(/^-\s*/, ""));
    else tags.push({ name: tag.tagName.text, text });
  }
  const description = comment ? (ts.getTextOfJSDocComment(comment.comment) ?? "") : "";
  return { description: description.trim(), parameters, tags };
}

function commentsAbove(node: ts.Node): ts.JSDoc[] {
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    const found = ts.getJSDocCommentsAndTags(at).filter(ts.isJSDoc);
    if (found.length > 0) return found.slice(-1);
  }
  return [];
}
