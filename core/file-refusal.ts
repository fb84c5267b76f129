/** What the system says of a file that it refuses, and what helps. Others, such as a file that is missing, are for whoever looks for it. */
const refusals: Record<string, { why: string; help: string }> = {
  EACCES: { why: "permission denied", help: "Give this user access to it." },
  EPERM: { why: "the system does not permit it", help: "Give this user access to it." },
  EROFS: { why: "its disk can only be read", help: "Use a folder that can be written." },
  ENOSPC: { why: "its disk is full", help: "Make room, and try again." },
  EDQUOT: { why: "this user's share of the disk is used up", help: "Make room, and try again." },
  EMFILE: { why: "this process has too many files open", help: "Raise the limit: ulimit -n 4096" },
  ENFILE: { why: "the system has too many files open", help: "End other programs, or raise the system's limit." },
  EISDIR: { why: "it is a folder", help: "Name a file." },
  ENOTDIR: { why: "a part of its path is no folder", help: "Correct the path." },
  ENAMETOOLONG: { why: "its path is too long", help: "Use a folder with a shorter path." },
};

/** An error of Node's own about a file: a port or a program that it refuses is no file. */
interface FileError extends Error {
  code?: unknown;
  path?: unknown;
  syscall: unknown;
}
const fileCalls =
  /^(access|copyfile|fsync|ftruncate|link|lstat|mkdir|mkdtemp|open|read|readdir|realpath|rename|rm|rmdir|scandir|stat|symlink|unlink|watch|write)$/;

/**
 * One line about a file that the system refused to read or write, and what to do; undefined for any other error.
 * @param error as Node throws it: with `code`, such as "EACCES", and mostly `path`
 * @param path of the file, where the error may not name it
 */
export function fileRefusal(error: unknown, path?: string): string | undefined {
  if (!isFileError(error)) return undefined;
  const refusal = refusals[String(error.code)];
  if (refusal === undefined) return undefined;
  const what = path ?? (typeof error.path === "string" ? error.path : "a file");
  return `Cannot use ${what}: ${refusal.why} (${error.syscall} ${error.code}). ${refusal.help}`;
}

function isFileError(error: unknown): error is FileError {
  return error instanceof Error && "syscall" in error && fileCalls.test(String(error.syscall));
}
