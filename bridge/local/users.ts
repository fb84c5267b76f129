import { readdirSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/*
 * The processes that use one stack: a file each, named by its process id, so that even one that was killed is noticed. The stack that
 * was started for them ends with the last of them.
 */

const pollMs = 500;

/** Counts this process among the users of the stack with this folder, until it is disposed. */
export async function useStack(folder: string): Promise<Disposable> {
  const users = usersOf(folder);
  await mkdir(users, { recursive: true, mode: 0o700 });
  const file = join(users, String(process.pid));
  await writeFile(file, "");
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/** Calls `onUnused` once when no process uses the stack any more. */
export function whenUnused(folder: string, onUnused: () => void): Disposable {
  const timer = setInterval(() => {
    if (isUsed(usersOf(folder))) return;
    clearInterval(timer);
    onUnused();
  }, pollMs);
  // A stack that failed to start must end although others wait for it.
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function usersOf(folder: string): string {
  return join(folder, "users");
}

function isUsed(users: string): boolean {
  const files = readFolder(users);
  const gone = files.filter((name) => !isRunning(Number(name)));
  for (const name of gone) rmSync(join(users, name), { force: true });
  return gone.length < files.length;
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Deleted by hand: whoever used it has no claim left.
    return [];
  }
}

/** Whether a process with this id runs. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs under another user's id.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
