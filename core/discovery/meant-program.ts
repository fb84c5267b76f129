import type { ExecuteInput } from "./tool-definitions.ts";

/** A program as it is meant: without the empty one of `code` and `files`, and without a Markdown fence around a source. */
export function meantProgram(input: ExecuteInput): ExecuteInput {
  const { code: _code, files: _files, entrypoint: _entrypoint, ...rest } = input;
  return { ...rest, ...meantSources(input) };
}

type Sources = Pick<ExecuteInput, "code" | "files" | "entrypoint">;

export function meantSources({ code, files, entrypoint }: Sources): Sources {
  const hasFiles = files !== undefined && Object.keys(files).length > 0;
  const hasCode = code !== undefined && code.trim() !== "";
  if (code !== undefined && (hasCode || !hasFiles)) {
    // One snippet has no entrypoint to choose. With files beside it, it is unclear what to run, which is refused later.
    return { code: withoutFence(code), ...(hasFiles ? { files, entrypoint } : {}) };
  }
  const sources = files && Object.fromEntries(Object.entries(files).map(([path, source]) => [path, withoutFence(source)]));
  return { files: sources, ...(entrypoint?.trim() ? { entrypoint } : {}) };
}

/**
 * The source without the Markdown fence around it. The line of the opening fence stays, empty, so that each line keeps the number
 * that it was sent with.
 */
function withoutFence(source: string): string {
  // The word is what parts the blanks: two runs of them side by side would take a square of the time.
  const [opening, before = "", fence = ""] = /^(\s*)(`{3,}|~{3,})[^\S\r\n]*(?:[\w.+-]+[^\S\r\n]*)?(?=\r?\n)/.exec(source) ?? [];
  if (opening === undefined) return source;
  const body = source.slice(opening.length);
  const end = body.trimEnd();
  return before + (end.endsWith(fence) ? end.slice(0, -fence.length) : body);
}
