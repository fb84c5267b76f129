import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folder of the configurations and sockets of one start, which only this user can enter. */
export interface RunFolder extends AsyncDisposable {
  path: string;
}

/** The path of a Unix socket has at most 108 bytes on Linux and 104 on macOS, with its end. */
const socketPathBytesMax = 103;
/** Room for the longest name of a socket. */
const socketNameBytes = 16;

/** Makes an empty folder at `path`, or among the temporary files if a socket's path there would be too long. */
export async function makeRunFolder(path: string): Promise<RunFolder> {
  await rm(path, { recursive: true, force: true });
  if (Buffer.byteLength(path) + socketNameBytes > socketPathBytesMax) return folderAt(await mkdtemp(join(tmpdir(), "mcp-")));
  await mkdir(path, { recursive: true, mode: 0o700 });
  return folderAt(path);
}

function folderAt(path: string): RunFolder {
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
