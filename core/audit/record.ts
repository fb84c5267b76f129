import { cutText, visibleJson } from "../text.ts";
import { auditLimits } from "./audit-limits.ts";

export type AuditAction = "list" | "describe" | "execute" | "call" | "denial" | "login" | "administration";

/**
 * What became of it. `not_started`: refused before a server saw it. `unknown`: sent, but no answer was seen, so it may have happened.
 * `lost`: a run that was under way when its process died.
 */
export type AuditOutcome = "succeeded" | "failed" | "not_started" | "unknown" | "cancelled" | "lost";

/** One line of the audit: who did what to what, and what became of it. */
export interface AuditRecord {
  /** When it began: ISO 8601, in UTC. */
  time: string;
  action: AuditAction;
  outcome: AuditOutcome;
  requestId?: string | undefined;
  run?: string | undefined;
  principal?: string | undefined;
  session?: string | undefined;
  /** SHA-256 of the program, in hexadecimal digits. */
  program?: string | undefined;
  server?: string | undefined;
  tool?: string | undefined;
  /** Of a call that a saved program made: its name; after those of the saved programs that called it, with "/" between. */
  within?: string | undefined;
  /** Of a login or an act of administration: which. */
  what?: string | undefined;
  /** Of a refusal: by which rule. */
  rule?: string | undefined;
  /** Of a call that a person would have been asked about: the pattern of `tools.alwaysAllow` by which nobody was, and for whom it is. */
  standingRule?: string | undefined;
  /** The error's code. */
  code?: string | undefined;
  /** Of a refused HTTP request: its status, where it went, and the address it came from. */
  status?: number | undefined;
  endpoint?: string | undefined;
  caller?: string | undefined;
  durationMs?: number | undefined;
  /** About how many characters the result of a call had, or the answer of a run: see answer-chars.ts. */
  answerChars?: number | undefined;
  /** Of a run: how long it waited for its turn, and then for its isolate. */
  queueMs?: number | undefined;
  isolateMs?: number | undefined;
  /** Of a run: how many calls it made. */
  calls?: number | undefined;
  /** Of a run: the servers that it called, the first of them. */
  servers?: readonly string[] | undefined;
  /** Of a run: whether its program had been read before. */
  isReadBefore?: boolean | undefined;
  /** SHA-256 of the arguments' JSON as the program sent it. */
  argumentsHash?: string | undefined;
  /** The arguments without secrets, where they are recorded. */
  arguments?: unknown;
  /** How many of the same kind this line stands for, if not one. */
  count?: number | undefined;
}

/**
 * A record as its line: JSON without a line break or anything that only pretends to be one, whatever a stranger named a server. Names
 * are cut, and fields that are undefined left out.
 */
export function lineOf(record: AuditRecord): string {
  return visibleJson(JSON.stringify(withShortNames(record)));
}

/** Programs and strangers choose some of the names. */
export function withShortNames(record: AuditRecord): AuditRecord {
  const isLong = (value: unknown) => typeof value === "string" && value.length > auditLimits.nameCharsMax;
  const { arguments: args, ...rest } = record;
  if (!Object.values(rest).some(isLong)) return record;
  const short = Object.entries(rest).map(([key, value]) => [
    key,
    isLong(value) ? cutText(String(value), auditLimits.nameCharsMax) : value,
  ]);
  return { ...rest, ...Object.fromEntries(short), arguments: args };
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
