import type { RunAudit } from "../audit/run-audit.ts";
import type { Ask } from "../calls/elicitation.ts";
import type { RunProgress } from "../calls/progress.ts";
import type { Run } from "../calls/run.ts";
import type { AskedCalls } from "../journal/asked-calls.ts";
import type { EntryRecord } from "../journal/call-entry.ts";
import type { JournalScope } from "../journal/journal-scope.ts";
import type { RunLine } from "../log-line.ts";
import type { Decide } from "./run-approvals.ts";

/** The journal of a run, of which its program and the calls that a person is asked about are parts. */
export interface RunJournal {
  readonly asked: AskedCalls;
  program(): JournalScope;
  /** The calls of the program in an earlier life that it has not made again. */
  unmade(): EntryRecord[];
}

export interface RunOptions {
  signal: AbortSignal;
  onProgress: (progress: RunProgress) => void;
  /** Console lines and servers' log messages while the program runs: each once, and all of them before the outcome. */
  onPrinted?: (lines: RunLine[]) => void;
  /** Asks a person what a server wants to know; left out, nobody can be asked. */
  onElicit?: Ask;
  /** Puts calls that need a person to one; left out, only `onElicit` can. */
  decide?: Decide;
  /** Whether calls are decided there alone, though the client could be asked. */
  isDecidedApart?: boolean;
  /** Where its calls are recorded, so that it can be run again. Asked for when its program starts; left out, it has one process. */
  journal?: () => RunJournal;
  /** Of a program that another one runs: how that one asks a person about a call. */
  approve?: Run["approve"];
  /** Where its calls are written down for the operator; left out, they are not. */
  audit?: RunAudit | undefined;
}
