import { watch } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { scriptLimits } from "../../core/registry/script-limits.ts";

/** The folder of scripts of a registry file, unless another is named. */
export function scriptsFolderOf(registryPath: string): string {
  return join(dirname(registryPath), "scripts");
}

/** The text of each script file below the folder by its path there; none if there is no folder. Those over the limits are left out. */
export async function readScripts(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  let chars = 0;
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names.sort()) {
    const path = name.split(sep).join("/");
    if (!/\.(?:m?[jt]s|json)$/.test(path) || /(?:^|\/)(?:node_modules|\.)/.test(path)) continue;
    const text = await textIn(join(folder, name));
    if (text === undefined) continue;
    chars += text.length;
    if (chars > scriptLimits.charsMax || Object.keys(files).length >= scriptLimits.filesMax) break;
    files[path] = text;
  }
  return files;
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

/** Calls `onChange` after files below the folder have changed. Undefined if there is none. Dispose the result to stop. */
export function watchScripts(folder: string, onChange: () => Promise<void>): Disposable | undefined {
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();
  try {
    const watcher = watch(folder, { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        reading = reading.then(onChange);
      }, settleMs);
    });
    watcher.on("error", () => watcher.close());
    return {
      [Symbol.dispose]() {
        clearTimeout(timer);
        watcher.close();
      },
    };
  } catch {
    // Without the folder there is nothing to follow; the next start finds it.
    return undefined;
  }
}
