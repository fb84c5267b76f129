import { constants } from "node:fs";
import { copyFile, cp, mkdir } from "node:fs/promises";
import { join } from "node:path";

/** The built files that run, relative to a folder. */
export const builtFiles = {
  worker: "worker/index.mjs",
  sandbox: "sandbox/index.mjs",
  compiler: "assets/compiler.js",
  shell: "assets/shell.js",
} as const;
/** Folders of them. */
export const builtFolders = { console: "assets/console" } as const;

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
