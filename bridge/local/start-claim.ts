import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OrchestratorError } from "../../core/errors.ts";
import { pause } from "../sandbox/pause.ts";
import { isRunning } from "./users.ts";

const pollMs = 50;
/** Longer than any start or end takes. An older claim is that of a process whose id another one has by now. */
const heldMs = 120_000;

/**
 * The right to start or end the stack with this folder, of one process at a time: two that start find the port free both, and each
 * removes the sockets of the other; one that ends removes those of its successor. Waits until nobody has it.
 *
 * @throws OrchestratorError `cancelled` when `signal` aborts before
 */
export async function claimStack(folder: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  const file = join(folder, "claim");
  const waiting = signal ?? new AbortController().signal;
  for (;;) {
    // An ending stack may remove the folder too.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (await isWritten(file)) return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    if (!(await isHeld(file))) await rm(file, { force: true });
    else if (!(await pause(pollMs, waiting))) throw new OrchestratorError("cancelled", "Stopped while starting.");
  }
}

async function isWritten(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" || code === "ENOENT") return false;
    throw error;
  }
}

async function isHeld(file: string): Promise<boolean> {
  try {
    const [{ mtimeMs }, pid] = await Promise.all([stat(file), readFile(file, "utf8")]);
    if (Date.now() - mtimeMs > heldMs) return false;
    // Empty between its creation and its first byte.
    return pid === "" || isRunning(Number(pid));
  } catch {
    // Given up meanwhile.
    return true;
  }
}
