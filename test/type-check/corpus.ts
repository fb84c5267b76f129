import { readdirSync, readFileSync } from "node:fs";

/*
 * The corpora are Markdown files, so that they are easy to read: a heading says what a program does, and the fenced blocks below
 * are its files. A block with a path is a file of that name; a block without one is the whole program.
 *
 * In mistakes/, «wrong → right» marks the mistake in a program and its correction. «text» without an arrow marks where the error
 * is reported, if that is another place. A line in italics names the error code and the suggestion.
 */

export interface Sample {
  title: string;
  /** Input of execute_mcp_code. */
  input: { code: string; language: "ts" | "js" } | { files: Record<string, string> };
}

export interface Mistake {
  title: string;
  wrong: Sample["input"];
  right: Sample["input"];
  code: string;
  /** One of the error's suggestions. */
  suggestion: string | undefined;
  /** Where the error is reported. Without columns if the mistake is something missing. */
  file: string;
  line: number;
  columns: { first: number; last: number } | undefined;
}

interface Section {
  title: string;
  note: string;
  blocks: { language: string; path: string | undefined; text: string }[];
}

export function readValid(): Sample[] {
  return readSections("valid").map(({ title, blocks }) => ({ title, input: inputOf(blocks) }));
}

export function readMistakes(): Mistake[] {
  return readSections("mistakes").map(({ title, note, blocks }) => {
    const [, code = "type_error", suggestion] = /^_(\w+)(?:, suggests `(.+)`)?_$/.exec(note) ?? [];
    const marked = blocks.map((block) => ({ ...block, ...placeIn(block.text) }));
    const main = marked.find((block) => block.isElsewhere) ?? marked.find((block) => block.line > 0);
    if (main === undefined) throw new Error(`${title}: no mistake is marked`);
    return {
      title,
      wrong: inputOf(blocks.map((block) => ({ ...block, text: block.text.replace(mark, "$1") }))),
      right: inputOf(blocks.map((block) => ({ ...block, text: block.text.replace(mark, chooseRight) }))),
      code,
      suggestion,
      file: main.path ?? `main.${main.language}`,
      line: main.line,
      columns: main.columns,
    };
  });
}

const mark = /«([^«»]*?)(?: ?→ ?([^«»]*?))?»/g;

function chooseRight(_whole: string, wrong: string, right: string | undefined): string {
  return right ?? wrong;
}

/** Where the error is reported: at the mark without an arrow, or else at the first mark. */
function placeIn(text: string) {
  const marks = [...text.matchAll(mark)];
  const elsewhere = marks.find(([, , right]) => right === undefined);
  const reported = elsewhere ?? marks[0];
  if (reported === undefined) return { line: 0, columns: undefined, isElsewhere: false };
  const before = text.slice(0, reported.index).replace(mark, "$1").split("\n");
  const wrong = reported[1] ?? "";
  const first = (before.at(-1)?.length ?? 0) + 1;
  const columns = wrong === "" ? undefined : { first, last: first + wrong.length - 1 };
  return { line: before.length, columns, isElsewhere: elsewhere !== undefined };
}

function inputOf(blocks: Section["blocks"]): Sample["input"] {
  const [only] = blocks;
  if (only === undefined) throw new Error("a program without a block");
  if (only.path === undefined) return { code: only.text, language: only.language === "js" ? "js" : "ts" };
  return { files: Object.fromEntries(blocks.map(({ path = "", text }) => [path, text])) };
}

function readSections(folder: "valid" | "mistakes"): Section[] {
  const root = new URL(`./${folder}/`, import.meta.url);
  return readdirSync(root)
    .sort()
    .flatMap((file) => sectionsOf(readFileSync(new URL(file, root), "utf8")));
}

function sectionsOf(markdown: string): Section[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = "", , note = ""] = section.split("\n");
      const blocks = [...section.matchAll(/^```(ts|js|json)(?: (\S+))?\n([\s\S]*?)^```$/gm)];
      return {
        title,
        note,
        blocks: blocks.map(([, language = "ts", path, text = ""]) => ({ language, path, text })),
      };
    });
}
