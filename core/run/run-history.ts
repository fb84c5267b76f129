import type { Clock } from "../clock.ts";
import type { Store } from "../store.ts";
import { historyLimits } from "./history-limits.ts";
import type { Outcome } from "./outcome.ts";

/* The last runs of a session, for a person who wants to see what ran and to run it again. The audit has when, who and which calls. */

/** What is kept of a run. A part that was too large is left out. */
export interface PastRun {
  /** As it came in, with the program. */
  input?: unknown;
  outcome?: Outcome;
}

const prefix = "run/";
/** Digits of a time in milliseconds, so that keys are in the order of time. */
const timeDigits = 15;

export interface RunHistory {
  /** Keeps a run; the oldest make room. */
  keep(run: string, past: Required<PastRun>): void;
  /** The JSON text of a PastRun; undefined when it is not kept any more. */
  readJson(run: string): string | undefined;
}

export function createRunHistory({ store, clock }: { store: Store; clock: Clock }): RunHistory {
  /** Nobody else writes below the prefix, so that it is read once. */
  let kept: string[] | undefined;
  return {
    keep(run, { input, outcome }) {
      const parts = { input: jsonOf(input), outcome: jsonOf(outcome) };
      const fitting = Object.entries(parts).filter(([, json]) => json !== undefined && json.length <= historyLimits.partCharsMax);
      const json = `{${fitting.map(([name, text]) => `"${name}":${text}`).join(",")}}`;
      const key = `${prefix}${String(clock.now()).padStart(timeDigits, "0")}/${run}`;
      kept ??= store.keys(prefix);
      store.writeJson(key, json);
      kept.push(key);
      for (const oldest of kept.splice(0, kept.length - historyLimits.runsMax)) store.remove(oldest);
    },
    readJson(run) {
      const key = store.keys(prefix).find((candidate) => candidate.slice(prefix.length + timeDigits + 1) === run);
      return key === undefined ? undefined : store.readJson(key);
    },
  };
}

/** The input is a caller's own: over RPC it may hold what is not JSON. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
