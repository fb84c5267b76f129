import { readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { OrchestratorError } from "../../core/errors.ts";

/**
 * Replaces a registry file by an edit of its text, in one step: a bridge that watches it must not read a half-written one. If it is
 * changed while the edit is made, the edit is made again of what it is then.
 *
 * @param edit may be called more than once; undefined leaves the file as it is
 * @throws OrchestratorError `invalid_input` when others keep changing the file
 */
export async function changeRegistryFile(path: string, edit: (text: string) => string | undefined): Promise<void> {
  // A link stays one.
  const target = await realpath(path);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = await readFile(target, "utf8");
    const after = edit(before);
    if (after === undefined) return;
    const draft = `${target}.${process.pid}.tmp`;
    await writeFile(draft, after, { mode: (await stat(target)).mode });
    if ((await readFile(target, "utf8")) === before) return await rename(draft, target);
  }
  throw new OrchestratorError("invalid_input", `${path} was changed by another program again and again. Try once more.`);
}

const attemptsMax = 3;
