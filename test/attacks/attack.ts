/** A program that tries something it must not be able to do, and how its run ends because it cannot. */
export interface Attack {
  /** What it tries, as a sentence. */
  name: string;
  /** The program; `args` is an AttackArgs. */
  code?: string;
  files?: Record<string, string>;
  entrypoint?: string;
  language?: "ts" | "js";
  allowedMcpIds?: readonly string[];
  maxRuntimeMs?: number;
  /** The answer of a run in which it failed: its result, or the code of its error. */
  ends: { result: unknown } | { error: string };
  /** Calls that the program may make and that the ledger then holds, `server.tool outcome`. */
  calls?: readonly string[];
  /** What the program printed. */
  logs?: readonly string[];
}

/** What each program is told, to have something to aim at. */
export interface AttackArgs {
  /** Of an HTTP server on this machine that nobody may connect to. */
  listenerPort: number;
  /** Of the product itself. */
  productPort: number;
  /** A result kept in another session. */
  foreignHandle: string;
}

/** Programs that come to the same end: pairs of what is tried and the code. */
export function allEnding(ends: Attack["ends"], programs: Record<string, string>): Attack[] {
  return Object.entries(programs).map(([name, code]) => ({ name, code, ends }));
}
