import { z } from "zod";
import { ArgumentsMode } from "../core/audit/arguments.ts";

/** The variables with which the operator bounds what callers may do, and says what is recorded. docs/operations.md has each. */
export interface OperatorVariables {
  /** What the audit records of arguments: `none`, `hash` or `full`. */
  AUDIT_ARGUMENTS?: string;
  /** After so many days without use a session is deleted, with its logins. Without it, none is. */
  SESSION_IDLE_DAYS?: string;
  /** The longest time of a run in milliseconds, whatever its caller asks for. */
  MAX_RUN_MS?: string;
  /** The most calls of a run, of all servers together, whatever the registry says. */
  MAX_CALLS_PER_RUN?: string;
  /** The largest result of a run, in bytes of JSON. */
  MAX_RESULT_BYTES?: string;
}

export interface OperatorSettings {
  auditArguments: ArgumentsMode;
  sessionIdleMs: number | undefined;
  runMsMax: number | undefined;
  callsPerRunMax: number | undefined;
  resultBytesMax: number | undefined;
  /** What is wrong, each a sentence that names the variable. */
  problems: readonly string[];
}

const dayMs = 24 * 60 * 60_000;
/** A hundred years: an alarm far beyond them is no date any more, and no session could be used. */
const idleDaysMax = 36_500;

/** An empty variable counts as not set. A wrong one closes the orchestrator, because it may have been meant as a bound. */
export function readOperator(variables: OperatorVariables): OperatorSettings {
  const problems: string[] = [];
  const number = (name: Exclude<keyof OperatorVariables, "AUDIT_ARGUMENTS">) => {
    const text = variables[name]?.trim() || undefined;
    const parsed = z.coerce.number().positive().safeParse(text);
    if (text !== undefined && !parsed.success) problems.push(`${name} is "${text.slice(0, 40)}"; it must be a number above 0.`);
    return text === undefined ? undefined : parsed.data;
  };
  const days = number("SESSION_IDLE_DAYS");
  if (days !== undefined && days > idleDaysMax)
    problems.push(`SESSION_IDLE_DAYS is ${days}; it must be at most ${idleDaysMax}. Leave it out to keep all sessions.`);
  return {
    auditArguments: readMode(variables, problems),
    sessionIdleMs: days && days * dayMs,
    runMsMax: number("MAX_RUN_MS"),
    callsPerRunMax: number("MAX_CALLS_PER_RUN"),
    resultBytesMax: number("MAX_RESULT_BYTES"),
    problems,
  };
}

function readMode({ AUDIT_ARGUMENTS }: OperatorVariables, problems: string[]): ArgumentsMode {
  const text = AUDIT_ARGUMENTS?.trim() || "hash";
  const mode = ArgumentsMode.safeParse(text);
  if (!mode.success) problems.push(`AUDIT_ARGUMENTS is "${text.slice(0, 40)}"; it must be none, hash or full.`);
  return mode.data ?? "none";
}
