/** What the last build read, each path with its version, and what it wrote. Paths are relative to the project. */
export interface BuildRecord {
  read: Record<string, string>;
  written: string[];
}

/** Where the record of the last build is. */
export function recordFile(root: string): string;

/** Changes whenever the file does, by its size and time of modification; undefined if there is none. */
export function versionOf(path: string): string | undefined;

/** Undefined if nothing was built yet, or the build was interrupted. */
export function lastRecord(root: string): BuildRecord | undefined;

/** Whether all output is there, and nothing that the last build read has changed. */
export function isFresh(root: string): boolean;
