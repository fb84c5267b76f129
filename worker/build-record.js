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

/**
 * @param {string} root
 * @returns {import("./build-record.d.ts").BuildRecord | undefined}
 */
export function lastRecord(root) {
  try {
    return JSON.parse(readFileSync(recordFile(root), "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {string} root */
export function isFresh(root) {
  const last = lastRecord(root);
  return (
    last !== undefined &&
    Object.entries(last.read).every(([path, version]) => versionOf(join(root, path)) === version) &&
    last.written.every((path) => versionOf(join(root, path)) !== undefined)
  );
}
