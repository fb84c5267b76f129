import { OrchestratorError } from "../errors.ts";
import { fileLimits } from "./file-limits.ts";
import type { Workspaces } from "./workspaces.ts";

/** Contents that a run has sent and that are in no file yet. Discarded at its end. */
export class Uploads implements Disposable {
  readonly #workspaces: Workspaces;
  readonly #staged = new Map<number, number>();
  #begun = 0;

  constructor(workspaces: Workspaces) {
    this.#workspaces = workspaces;
  }

  /** Begins one, or adds to it. Returns its number. @throws OrchestratorError */
  add(number: unknown, base64: unknown): number {
    if (number !== null) {
      this.#workspaces.extend(this.#find(number), readBase64(base64));
      return Number(number);
    }
    if (this.#staged.size >= fileLimits.uploadsMax) throw invalid(`A run writes at most ${fileLimits.uploadsMax} files at once.`);
    this.#begun += 1;
    this.#staged.set(this.#begun, this.#workspaces.stage());
    return this.add(this.#begun, base64);
  }

  /** What was uploaded under the number, or the content itself if it is so short that it came with the change. */
  take({ upload, base64 = "" }: { upload?: number | undefined; base64?: string | undefined }): number {
    const number = upload ?? this.add(null, base64);
    const staged = this.#find(number);
    this.#staged.delete(number);
    return staged;
  }

  [Symbol.dispose](): void {
    for (const staged of this.#staged.values()) this.#workspaces.discard(staged);
    this.#staged.clear();
  }

  #find(number: unknown): number {
    const staged = this.#staged.get(Number(number));
    if (staged === undefined) throw invalid("There is no such upload.");
    return staged;
  }
}

/** What our own file in the isolate always sends right. */
function readBase64(value: unknown): string {
  const isRight = typeof value === "string" && value.length <= fileLimits.uploadCharsMax && value.length % 4 === 0;
  if (isRight && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return value;
  throw invalid("A content arrives as base64.");
}

function invalid(message: string): OrchestratorError {
  return new OrchestratorError("invalid_arguments", message);
}
