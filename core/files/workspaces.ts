import type { Clock } from "../clock.ts";
import { closestHint, closestTo, named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { fileLimits } from "./file-limits.ts";
import type { FileAddress, FilePiece, FileStat, FileStore, WorkspaceRecord } from "./file-store.ts";

/** The workspace that belongs to the session itself. Others have ids of their own. */
export const sessionWorkspace = "session";

interface WorkspacesParts {
  store: FileStore;
  clock: Clock;
  /** When `removeExpired` is to be called next. */
  onExpiry: (at: number) => void;
}

/** One step of a change. Paths are as readPath returns them. */
export type FileChange =
  | { kind: "write"; file: FileAddress; staged: number }
  | { kind: "append"; file: FileAddress; staged: number }
  /** A file, or a folder with all below it. */
  | { kind: "delete"; file: FileAddress };

/** The files of a session, in workspaces. Every use of a workspace makes it last longer. */
export class Workspaces {
  readonly #store: FileStore;
  readonly #clock: Clock;
  readonly #onExpiry: WorkspacesParts["onExpiry"];

  constructor({ store, clock, onExpiry }: WorkspacesParts) {
    this.#store = store;
    this.#clock = clock;
    this.#onExpiry = onExpiry;
  }

  /** The workspaces that have not expired. */
  all(): WorkspaceRecord[] {
    return this.#store.workspaces().filter((workspace) => !this.#isExpired(workspace));
  }

  find(id: string): WorkspaceRecord | undefined {
    const found = this.#store.workspace(id);
    return found && !this.#isExpired(found) ? found : undefined;
  }

  create(id: string, idleMs: number): WorkspaceRecord {
    const now = this.#clock.now();
    return this.#save({ id, createdAt: now, expiresAt: now + idleMs, idleMs });
  }

  /** It lasts for `idleMs` after each use from now on. */
  keep(id: string, idleMs: number): WorkspaceRecord {
    return this.#save({ ...this.use(id), idleMs, expiresAt: this.#clock.now() + idleMs });
  }

  /**
   * Notes a use, of a workspace that lasts for `leastMs` from now at least. The session always has its own workspace: if it does not exist, or
   * no longer, it is created.
   * @throws OrchestratorError `invalid_arguments` for another one that has ended
   */
  use(id: string, leastMs = 0): WorkspaceRecord {
    const found = this.find(id);
    if (found === undefined) {
      if (id !== sessionWorkspace) throw invalid("The sandbox session has ended, and its files with it.");
      this.#store.removeWorkspace(id);
      return this.create(id, fileLimits.idleMs);
    }
    const expiresAt = this.#clock.now() + Math.max(found.idleMs, leastMs);
    const isNoted = expiresAt - found.expiresAt < Math.min(fileLimits.useNotedEveryMs, found.idleMs / 10);
    return isNoted ? found : this.#save({ ...found, expiresAt });
  }

  remove(id: string): void {
    this.#store.removeWorkspace(id);
    this.#tellExpiry();
  }

  /** Removes what has expired. @returns the ids of it */
  removeExpired(): string[] {
    const expired = this.#store.workspaces().filter((workspace) => this.#isExpired(workspace));
    for (const { id } of expired) this.#store.removeWorkspace(id);
    // Left over from runs that ended with their process.
    this.#store.discardBefore(this.#clock.now() - fileLimits.idleMs);
    this.#tellExpiry();
    return expired.map(({ id }) => id);
  }

  /** Bytes of all workspaces, with what is in no file yet. */
  bytes(): number {
    return this.#store.bytes();
  }

  bytesOf(id: string): number {
    return this.#store.bytes(id);
  }

  countOf(id: string): number {
    return this.#store.count(id);
  }

  stat(file: FileAddress): FileStat | undefined {
    return this.#isUsed(file.workspace) ? this.#store.stat(file) : undefined;
  }

  list(folder: FileAddress): FileStat[] {
    return this.#isUsed(folder.workspace) ? this.#store.list(folder) : [];
  }

  /** Whether a file is there, or a folder with files. */
  has(file: FileAddress): boolean {
    return this.find(file.workspace) !== undefined && (this.#store.stat(file) !== undefined || this.#store.hasBelow(file));
  }

  /** @throws OrchestratorError `invalid_arguments` when there is no such file */
  read(file: FileAddress, from: number): FilePiece {
    const range = { from, bytesMax: fileLimits.pieceBytes };
    const piece = this.#isUsed(file.workspace) ? this.#store.read(file, range) : undefined;
    if (piece === undefined) throw this.#noFile(file);
    return piece;
  }

  /** A content to be filled by `extend`, and to be placed by `change` or discarded. */
  stage(): number {
    return this.#store.stage(this.#clock.now());
  }

  /** @throws OrchestratorError `output_limit`. Then the content is incomplete */
  extend(staged: number, base64: string): void {
    const bytes = this.#store.extend(staged, base64);
    if (bytes > fileLimits.fileBytesMax) throw tooLong();
    if (this.#store.bytes() > fileLimits.sessionFilesBytesMax) throw noRoom();
  }

  discard(staged: number): void {
    this.#store.discard(staged);
  }

  /**
   * Makes all changes, in their order, or none.
   * @throws OrchestratorError `output_limit`, `invalid_arguments`
   */
  change(changes: readonly FileChange[]): void {
    const used = new Set(changes.map(({ file }) => file.workspace));
    this.#store.transaction(() => {
      for (const id of used) this.use(id);
      for (const change of changes) this.#make(change);
      for (const id of used) if (this.#store.count(id) > fileLimits.filesMax) throw tooMany();
    });
  }

  #make(change: FileChange): void {
    const { file } = change;
    if (change.kind === "delete") {
      this.#store.remove(file);
      this.#store.removeBelow(file);
      return;
    }
    this.#assertFree(file);
    const now = this.#clock.now();
    if (change.kind === "write" || this.#store.stat(file) === undefined) this.#store.place(change.staged, file, now);
    else this.#store.append(change.staged, file, now);
    const { bytes = 0 } = this.#store.stat(file) ?? {};
    if (bytes > fileLimits.fileBytesMax) throw tooLong(file.path);
  }

  /** A file is no folder, and below a file there is none. */
  #assertFree(file: FileAddress): void {
    if (file.path === "") throw invalid("A file needs a name.");
    const above = this.#store.fileAbove(file);
    if (above !== undefined) throw invalid(`"${named(above)}" is a file, so "${named(file.path)}" cannot be in it.`);
    if (this.#store.hasBelow(file)) throw invalid(`"${named(file.path)}" is a folder.`);
  }

  #noFile(file: FileAddress): OrchestratorError {
    const paths = this.list({ ...file, path: "" }).map(({ path }) => path);
    const closest = closestTo(file.path, paths);
    return invalid(
      `No file "${named(file.path)}" here.${closestHint(closest)} files.list() names them; they go when nobody has used them for a while.`,
    );
  }

  /** Notes the use of a workspace that exists. */
  #isUsed(id: string): boolean {
    return this.find(id) !== undefined && this.use(id) !== undefined;
  }

  #isExpired({ expiresAt }: WorkspaceRecord): boolean {
    return expiresAt <= this.#clock.now();
  }

  #save(workspace: WorkspaceRecord): WorkspaceRecord {
    this.#store.saveWorkspace(workspace);
    this.#tellExpiry();
    return workspace;
  }

  #tellExpiry(): void {
    const times = this.#store.workspaces().map(({ expiresAt }) => expiresAt);
    if (times.length > 0) this.#onExpiry(Math.min(...times));
  }
}

function invalid(message: string): OrchestratorError {
  return new OrchestratorError("invalid_arguments", message);
}

function tooLong(path?: string): OrchestratorError {
  const name = path === undefined ? "" : `; "${named(path)}" would have more`;
  return new OrchestratorError("output_limit", `A file has at most ${fileLimits.fileBytesMax} bytes${name}. Write several.`);
}

function tooMany(): OrchestratorError {
  return new OrchestratorError(
    "output_limit",
    `A workspace has at most ${fileLimits.filesMax} files. files.delete(path) makes room; it takes a folder too.`,
  );
}

function noRoom(): OrchestratorError {
  return new OrchestratorError(
    "output_limit",
    `The files of a session have at most ${fileLimits.sessionFilesBytesMax} bytes together. files.delete(path) makes room.`,
  );
}
