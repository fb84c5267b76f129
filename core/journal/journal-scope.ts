import type { AskedCalls } from "./asked-calls.ts";
import type { CallEntry, EntryRecord } from "./call-entry.ts";
import type { Determinism } from "./determinism.ts";

/** The calls of one program in the journal of a run: of the run's own, or of a saved one that a call of it runs. */
export interface JournalScope {
  readonly asked: AskedCalls;
  /** Rejects when the run's program has taken another way than before. */
  readonly astray: Promise<never>;
  determinism(): Determinism;
  /** Why the run cannot be run again; undefined if it can. */
  whyNot(): string | undefined;
  /** The calls of the program in an earlier life that it has not made again. */
  unmade(): EntryRecord[];
  /** The program starts, perhaps once more. */
  restart(): void;
  /**
   * Answers a call as it was answered before, or makes it.
   * @param onRecorded gets a call that was answered in an earlier life
   * @throws OrchestratorError `program_lost` when the program has taken another way
   */
  answer<R extends object>(call: JournaledCall, make: Make<R>, onRecorded: OnRecorded): Promise<Stamped<R>>;
}

/** A call, as a program makes it. */
export interface JournaledCall {
  server: string;
  tool: string;
  argsJson: string;
  form: string;
}

/** A call that is made now, where what becomes of it is written down. */
export interface OpenEntry {
  entry: CallEntry;
  /** For the saved program that it runs. */
  nested(): JournalScope;
}

/** An answer to a program: data, with the time when it was given, in milliseconds since the epoch. */
export type Stamped<R> = R & { at: number };
/** @param open undefined where nothing is recorded any more */
export type Make<R> = (open: OpenEntry | undefined) => Promise<R>;
export type OnRecorded = (record: EntryRecord) => void;
