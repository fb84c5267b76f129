import { type FSWatcher, watch } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { scriptLimits } from "../../core/registry/script-limits.ts";
import type { FoundScripts } from "../../core/saved/script-files.ts";

/** The folder of scripts of a registry file, unless another is named. */
export function scriptsFolderOf(registryPath: string): string {
  return join(dirname(registryPath), "scripts");
}

export interface ScriptsFolder {
  /** The text of each file below the folder by its path there; none if there is no folder. */
  files: Record<string, string>;
  /** Those for which there is no room. */
  leftOut: FoundScripts["leftOut"];
}

/** A file for which there is no room leaves the others as they are. */
export async function readScripts(folder: string): Promise<ScriptsFolder> {
  const { charsMax, filesMax } = scriptLimits;
  const found: ScriptsFolder = { files: {}, leftOut: [] };
  let chars = 0;
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names.sort()) {
    const path = name.split(sep).join("/");
    if (!/\.(?:m?[jt]s|json)$/.test(path) || /(?:^|\/)(?:node_modules|\.)/.test(path)) continue;
    const text = await textIn(join(folder, name));
    if (text === undefined) continue;
    if (Object.keys(found.files).length >= filesMax) {
      found.leftOut.push({ path, reason: `There are ${filesMax} files before it, which is all that scripts/ may have.` });
    } else if (chars + text.length > charsMax) {
      const others = chars === 0 ? "" : `, and those before it ${chars}`;
      found.leftOut.push({ path, reason: `It has ${text.length} characters${others}: all together may have ${charsMax}.` });
    } else {
      chars += text.length;
      found.files[path] = text;
    }
  }
  return found;
}

/** Undefined for what is no file, or cannot be read: a link to nowhere, a file that was removed meanwhile. */
async function textIn(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isFile() ? await readFile(path, "utf8") : undefined;
  } catch {
    // The others are scripts all the same.
    return undefined;
  }
}

/** Editors write in several steps. */
const settleMs = 200;

/** Calls `onChange` after files below the folder have changed, and when it comes, goes or is replaced. Dispose the result to stop. */
export function watchScripts(path: string, onChange: () => Promise<void>): Disposable {
  const folder = resolve(path);
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      reading = reading.then(onChange);
    }, settleMs);
  };
  let inside = watching(folder, { recursive: true }, changed);
  const beside = watching(dirname(folder), { recursive: false }, (name) => {
    if (name !== null && name !== basename(folder)) return;
    inside?.close();
    inside = watching(folder, { recursive: true }, changed);
    changed();
  });
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      inside?.close();
      beside?.close();
    },
  };
}

/** Undefined if there is no such folder. */
function watching(
  folder: string,
  options: { recursive: boolean },
  onEvent: (name: string | null) => void,
): FSWatcher | undefined {
  try {
    const watcher = watch(folder, options, (_kind, name) => onEvent(name));
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    // The folder above says when it comes.
    return undefined;
  }
}
