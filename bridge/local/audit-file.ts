import { appendFile, mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";

/** Size of one file, and how many are kept: the newest is audit.jsonl, the one before it audit.1.jsonl. */
export const auditFileBounds = { bytesMax: 10 * 1024 * 1024, filesMax: 5 };

/** The audit of `npm start` as files, beside its logs. Only this user can read them. */
export class AuditFile {
  readonly #folder: string;
  readonly #bounds: typeof auditFileBounds;
  /** One append after another, so that none meets a rotation. */
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string, bounds = auditFileBounds) {
    this.#folder = folder;
    this.#bounds = bounds;
  }

  /** Appends whole lines. Rejects if they were not written. */
  append(lines: string): Promise<void> {
    const appended = this.#last.then(() => this.#append(lines));
    // The next one may succeed.
    this.#last = appended.catch(() => undefined);
    return appended;
  }

  async #append(lines: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const size = await sizeOf(this.#path(0));
    if (size > 0 && size + Buffer.byteLength(lines) > this.#bounds.bytesMax) await this.#rotate();
    await appendFile(this.#path(0), lines, { mode: 0o600 });
  }

  async #rotate(): Promise<void> {
    for (let age = this.#bounds.filesMax - 2; age >= 0; age -= 1) {
      if ((await sizeOf(this.#path(age))) > 0) await rename(this.#path(age), this.#path(age + 1));
    }
  }

  #path(age: number): string {
    return join(this.#folder, age === 0 ? "audit.jsonl" : `audit.${age}.jsonl`);
  }
}

/** 0 for a file that does not exist. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}
