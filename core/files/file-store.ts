/** A folder of files that lasts until nobody has used it for some time. */
export interface WorkspaceRecord {
  id: string;
  /** Milliseconds since the epoch, as all times here. */
  createdAt: number;
  expiresAt: number;
  /** How long it lasts without being used. */
  idleMs: number;
}

export interface FileStat {
  path: string;
  bytes: number;
  modifiedAt: number;
}

export interface FileAddress {
  workspace: string;
  path: string;
}

/** A part of a file, as base64. */
export interface FilePiece {
  base64: string;
  bytes: number;
  /** Of the whole file. */
  total: number;
  /** Another number means that the file was replaced. */
  version: number;
}

/**
 * Keeps the bytes of files. Synchronous, as core/store.ts is, and for the same reason. Contents come and go as base64, so that whoever passes
 * them on need not read them. A file is written in two steps: its content is staged, in several parts if it is long, and then placed.
 */
export interface FileStore {
  /** All of it, or nothing if `work` throws. */
  transaction<T>(work: () => T): T;

  workspace(id: string): WorkspaceRecord | undefined;
  workspaces(): WorkspaceRecord[];
  saveWorkspace(workspace: WorkspaceRecord): void;
  /** With all its files. */
  removeWorkspace(id: string): void;

  stat(file: FileAddress): FileStat | undefined;
  /** The files below a folder, or all of them for "", by path. */
  list(folder: FileAddress): FileStat[];
  hasBelow(folder: FileAddress): boolean;
  /** The path of a file that stands where this one's has a folder. */
  fileAbove(file: FileAddress): string | undefined;
  /** The files of a workspace, and the bytes of all workspaces, staged ones included. */
  count(workspace: string): number;
  bytes(workspace?: string): number;
  /** At most `bytesMax` bytes of a file, beginning at `from`. */
  read(file: FileAddress, range: { from: number; bytesMax: number }): FilePiece | undefined;

  /** Keeps a content that is in no file yet, and returns its number. */
  stage(now: number): number;
  /** Returns the bytes of the whole content. @throws Error when that was discarded */
  extend(staged: number, base64: string): number;
  discard(staged: number): void;
  /** Removes what was staged before `time` and never placed. */
  discardBefore(time: number): void;

  /** Makes the content a file, in place of the one that is there. */
  place(staged: number, file: FileAddress, now: number): void;
  /** Adds the content to a file that exists. */
  append(staged: number, file: FileAddress, now: number): void;
  /** Removes a file. */
  remove(file: FileAddress): void;
  /** Removes the files below a folder. */
  removeBelow(folder: FileAddress): void;
}
