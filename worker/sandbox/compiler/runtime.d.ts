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

/** Reports the program's progress to the client. */
export function progress(done: number, total?: any, message?: any): Promise<void>;

/** The servers that this program may use; with a query, the matching servers and tools. */
export function help(query?: { query?: string; limit?: number }): Promise<any>;
/** The tools of a server, or their declarations. */
export function help(
  id: string,
  options?: { detail?: "summary" | "tools" | "schema"; tools?: string[]; query?: string },
): Promise<any>;
