import { type FSWatcher, readdirSync, watch } from "node:fs";
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
    if (!/\.(?:m?[jt]s|json)$/.test(path) || isIgnored(path)) continue;
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

/**
 * Calls `onChange` after files below the folder have changed, and when it comes, goes or is replaced. Dispose the result to stop. Each folder
 * is watched by itself: the recursive watching of Node loses a file on Linux when another takes its place, as most editors save.
 */
export function watchScripts(path: string, onChange: () => Promise<void>): Disposable {
  const folder = resolve(path);
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();

  /** What was there may be another folder by now. */
  function forget(path: string): void {
    for (const [watched, watcher] of watchers) {
      if (watched !== path && !watched.startsWith(path + sep)) continue;
      watcher.close();
      watchers.delete(watched);
    }
  }

  /** Watches the folder and those below it that are not watched yet. */
  function follow(below: string): void {
    if (watchers.size > scriptLimits.filesMax) return;
    if (!watchers.has(below)) {
      const watcher = watching(below, (name) => changed(below, name));
      if (watcher === undefined) return;
      watchers.set(below, watcher);
    }
    for (const name of foldersIn(below)) follow(join(below, name));
  }

  function changed(below: string, name: string | null): void {
    forget(name === null ? folder : join(below, name));
    clearTimeout(timer);
    timer = setTimeout(() => {
      follow(folder);
      reading = reading.then(onChange);
    }, settleMs);
  }

  follow(folder);
  const beside = watching(dirname(folder), (name) => {
    if (name === null || name === basename(folder)) changed(dirname(folder), name);
  });
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      forget(folder);
      beside?.close();
    },
  };
}

/** Undefined if there is no such folder. */
function watching(folder: string, onEvent: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_kind, name) => onEvent(name));
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    // The folder above says when it comes.
    return undefined;
  }
}

function foldersIn(folder: string): string[] {
  try {
    const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return found.map(({ name }) => name).filter((name) => !isIgnored(name));
  } catch {
    // It is gone again, which the folder above says.
    return [];
  }
}

/** Of a path below the folder. */
function isIgnored(path: string): boolean {
  return /(?:^|\/)(?:node_modules|\.)/.test(path);
}
