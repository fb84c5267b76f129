import { constants } from "node:fs";
import { copyFile, cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The built files that run, relative to a folder. */
export const builtFiles = {
  sandbox: "sandbox/index.mjs",
  compiler: "assets/compiler.js",
  shell: "assets/shell.js",
} as const;
/** Folders of them. */
export const builtFolders = { worker: "worker", console: "assets/console" } as const;

/** The modules of the main Worker in a folder of built files, relative to it. The first one is its entry. */
export async function workerModules(folder: string): Promise<string[]> {
  const files = (await readdir(join(folder, builtFolders.worker))).filter((file) => file.endsWith(".mjs"));
  const entry = "index.mjs";
  return [entry, ...files.filter((file) => file !== entry).sort()].map((file) => join(builtFolders.worker, file));
}

/**
 * Copies what was built. Processes are started again long after the start, and all of them must run the same code even if the
 * project was built anew meanwhile.
 */
export async function copyCode(dist: string, folder: string): Promise<void> {
  for (const file of Object.values(builtFiles)) {
    await mkdir(join(folder, file, ".."), { recursive: true });
    await copyFile(join(dist, file), join(folder, file), constants.COPYFILE_FICLONE);
  }
  for (const name of Object.values(builtFolders)) {
    await cp(join(dist, name), join(folder, name), { recursive: true, mode: constants.COPYFILE_FICLONE });
  }
}
