/** @jsxImportSource hono/jsx */
import { jsonOf } from "../../../core/discovery/read-arguments.ts";
import { PlayPage, type PlayView } from "../../console/play-page.tsx";
import type { Viewer } from "../../console/shell.tsx";
import { show, textIn } from "./console-page.ts";
import type { Asked } from "./console-runner.ts";

/* The form of the playground: what it begins with, what was typed into it, and that as the input of execute. */

export const emptyView: PlayView = {
  files: [{ path: "main.ts", source: "return 6 * 7;\n" }],
  ...{ args: "", allowed: "", maxRuntimeMs: "10000" },
  keep: { name: "", description: "", revision: "" },
};

export function showPlay(view: PlayView, viewer: Viewer): Promise<Response> {
  const styleNonce = crypto.randomUUID();
  return show(<PlayPage view={view} viewer={viewer} styleNonce={styleNonce} />, styleNonce);
}

export function playForm(form: FormData): PlayView {
  const sources = form.getAll("source").map((source) => String(source).replaceAll("\r\n", "\n"));
  const files = form.getAll("path").map((path, at) => ({ path: String(path).trim(), source: sources[at] ?? "" }));
  return {
    files: files.length === 0 ? emptyView.files : files,
    args: textIn(form, "args"),
    allowed: textIn(form, "allowed"),
    maxRuntimeMs: textIn(form, "maxRuntimeMs"),
    keep: { name: textIn(form, "toolName").trim(), description: textIn(form, "description"), revision: textIn(form, "revision") },
  };
}

/** Without a script a file is added and removed by a page with one more or less. */
export function filesAfter(files: PlayView["files"], what: string): PlayView["files"] {
  const removed = /^remove (\d{1,3})$/.exec(what)?.[1];
  if (removed !== undefined) return files.filter((_file, at) => at === 0 || at !== Number(removed));
  return what === "add" ? [...files, { path: `file${files.length}.ts`, source: "export {};\n" }] : files;
}

/** The program of the form, as execute_mcp_code and tools of `dynamic` take it. */
export function sourceOf(files: PlayView["files"]): { code: string } | { files: Record<string, string>; entrypoint: string } {
  const [first, ...others] = files;
  const { path, source } = first ?? { path: "main.ts", source: "" };
  if (others.length === 0 && path === "main.ts") return { code: source };
  return { files: Object.fromEntries(files.map((file) => [file.path, file.source])), entrypoint: path };
}

interface ProgramSource {
  code?: string | undefined;
  files?: Readonly<Record<string, string>> | undefined;
  entrypoint?: string | undefined;
}

/** And the reverse: its files, that which runs first. */
export function filesOf({ code, files = {}, entrypoint }: ProgramSource): PlayView["files"] {
  if (code !== undefined) return [{ path: "main.ts", source: code }];
  const all = Object.entries(files).map(([path, source]) => ({ path, source }));
  const entry =
    all.find(({ path }) => path === (entrypoint ?? "main.ts")) ?? all.find(({ path }) => /^(main|index)\.\w+$/.test(path));
  return entry === undefined ? all : [entry, ...all.filter((file) => file !== entry)];
}

export function idsIn(allowed: string): string[] {
  return allowed.split(/[\s,]+/).filter((id) => id !== "");
}

export function inputOf({ files, args, allowed, maxRuntimeMs }: PlayView): Asked {
  const problem = sameTwice(files.map(({ path }) => path));
  if (problem !== undefined) return invalid(problem);
  const ids = idsIn(allowed);
  const input = {
    ...sourceOf(files),
    ...(ids.length > 0 && { allowedMcpIds: ids }),
    ...(maxRuntimeMs !== "" && { maxRuntimeMs }),
  };
  if (args.trim() === "") return { ok: true, input };
  const read = jsonOf(args);
  return "problem" in read ? invalid("The arguments are not JSON.") : { ok: true, input: { ...input, args: read.value } };
}

/** Two files of one path would be one member of an object. */
export function sameTwice(paths: readonly string[]): string | undefined {
  const twice = paths.find((path, at) => paths.indexOf(path) !== at);
  return twice === undefined ? undefined : `Two files have the path "${twice}". Give one another path.`;
}

function invalid(message: string): Asked {
  return { ok: false, errors: [{ code: "invalid_input", phase: "input", message, retryable: false }] };
}
