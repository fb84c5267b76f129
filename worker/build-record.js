import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/*
 * What the last build read and wrote. In plain JavaScript, because the command line looks at it before anything else, and stripping
 * types would take longer than the look.
 */

/** @param {string} root */
export function recordFile(root) {
  return join(root, "dist/build.json");
}

/** @param {string} path */
export function versionOf(path) {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}

/** @param {string} root */
export function isFresh(root) {
  try {
    const { read, written } = JSON.parse(readFileSync(recordFile(root), "utf8"));
    return (
      Object.entries(read).every(([path, version]) => versionOf(join(root, path)) === version) &&
      written.every((/** @type {string} */ path) => versionOf(join(root, path)) !== undefined)
    );
  } catch {
    // Never built, or interrupted.
    return false;
  }
}
