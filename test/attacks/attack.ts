/** A program that attempts something forbidden, and how its run must end. */
export interface Attack {
  /** What it attempts, as a predicate: "sends a beacon". */
  name: string;
  /** The program; `args` is an AttackArgs. */
  code?: string;
  files?: Record<string, string>;
  entrypoint?: string;
  language?: "ts" | "js";
  allowedMcpIds?: readonly string[];
  maxRuntimeMs?: number;
  /** How the run ends when the attack fails: with a result, or with an error code. */
  ends: { result: unknown } | { error: string };
  /** The calls that the ledger must have afterwards, as `server.tool outcome`. */
  calls?: readonly string[];
  /** What the program printed. */
  logs?: readonly string[];
}

/** The `args` of each program: targets to aim at. */
export interface AttackArgs {
  /** The port of an HTTP server on this machine that no program may reach. */
  listenerPort: number;
  /** The port of the product itself. */
  productPort: number;
  /** The handle of a result that another session keeps. */
  foreignHandle: string;
}

/** Attacks that all end alike, given by name and code. */
export function allEnding(ends: Attack["ends"], programs: Record<string, string>): Attack[] {
  return Object.entries(programs).map(([name, code]) => ({ name, code, ends }));
}
