/** The `args` of execute_mcp_code; undefined when none were given. */
export const args: any;

/** JSON values that outlive the run, kept in the session. */
export const session: {
  /** undefined when nothing was set under this key. */
  get(key: string): Promise<any>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  /** The keys, in ascending order. */
  list(): Promise<string[]>;
};

/** Results that were too large to be returned in full. */
export const results: {
  get(handle: string): Promise<any>;
};

/** A file of the session. Returned from a program, it stands for the file, which stays out of the answer. */
export interface FileRef {
  type: "file";
  path: string;
  bytes: number;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

/**
 * Files that outlive the run, kept in the session until nobody has used them for 30 minutes. Folders exist by the files in them.
 * What is written is text, bytes, an image, sound or resource as a tool returned it, or any JSON value.
 */
export const files: {
  read(path: string, options: { as: "bytes" }): Promise<Uint8Array>;
  read(path: string, options: { as: "json" }): Promise<any>;
  read(path: string, options?: { as?: "text" | "base64" }): Promise<string>;
  read(path: string, options?: { as?: string }): Promise<any>;
  write(path: string, content: any): Promise<FileRef>;
  append(path: string, content: any): Promise<FileRef>;
  /** All files, or those below a folder, by path. */
  list(folder?: string): Promise<FileRef[]>;
  /** A file, or a folder with all below it; false if there was none. */
  delete(path: string): Promise<boolean>;
  stat(path: string): Promise<FileRef | undefined>;
  /** They last until nobody has used them for this long: at most seven days. Returns when that is, as it is now. */
  keep(idleMs: number): Promise<number>;
  /** All changes, or none. Resolves with what each of them alone would. */
  change(changes: { kind: "write" | "append" | "delete"; path: string; content?: any }[]): Promise<any[]>;
};

/** Reports the program's progress to the client. */
export function progress(done: number, total?: any, message?: any): Promise<void>;

/** The servers that this program may use; with a query, the matching servers and tools. */
export function help(query?: { query?: string; limit?: number }): Promise<any>;
/** The tools of a server, or their declarations. */
export function help(
  id: string,
  options?: { detail?: "summary" | "tools" | "schema"; tools?: string[]; query?: string },
): Promise<any>;
