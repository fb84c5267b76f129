import type { Clock } from "../clock.ts";
import { callErrorOf, type OrchestratorError } from "../errors.ts";
import { AskedCalls, type AskedState } from "./asked-calls.ts";
import { CallEntry, type EntryRecord } from "./call-entry.ts";
import { comparable, entropyOf } from "./determinism.ts";
import { hasEnded, wasLost, wentAstray } from "./journal-errors.ts";
import { journalLimits } from "./journal-limits.ts";
import type { JournaledCall, JournalScope, Make, OnRecorded, Stamped } from "./journal-scope.ts";
import { Replay } from "./replay.ts";

/** Where a journal is kept, from the moment on when its run may outlive the process. */
export interface JournalRows {
  writeEntry(number: number, record: EntryRecord): void;
  removeEntry(number: number): void;
  writeAsked(state: AskedState): void;
  /** From now on the run cannot be run again; what is stored of its calls stays. */
  writeLoss(reason: string): void;
}

/** What was recorded of a run in an earlier life. */
export interface RecordedRun {
  /** By number, as they were written. */
  entries: ReadonlyMap<number, EntryRecord>;
  asked: AskedState | undefined;
  rows: JournalRows;
}

export interface JournalParts {
  clock: Clock;
  sha256: (text: string) => string;
  /** Unguessable: what the program gets as random is made of it. */
  seed: string;
  /** When the run began, in milliseconds since the epoch. */
  startedAt: number;
  recorded?: RecordedRun;
}

/**
 * All calls of one run and their answers, so that its program can be run again: after its process was lost, or days later. A call is
 * known by its arguments, not by when it came. Nothing that may have happened is made again.
 */
export class Journal {
  readonly #parts: JournalParts;
  readonly #entries = new Map<string, CallEntry>();
  readonly #numbers = new Map<CallEntry, number>();
  readonly #replay: Replay;
  readonly asked: AskedCalls;
  #rows: JournalRows | undefined;
  #numbered = 0;
  #ordered = 0;
  #chars = 0;
  #loss: string | undefined;
  #isClosed = false;
  #isUsed = false;
  readonly #astray = Promise.withResolvers<never>();
  #error: OrchestratorError | undefined;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    const { recorded, clock } = parts;
    this.#replay = new Replay({ clock, onAstray: () => this.#end(wentAstray()) });
    this.asked = new AskedCalls(recorded?.asked, (state: AskedState) => this.#write((rows) => rows.writeAsked(state)));
    // Nobody may be listening, which is no bug.
    this.#astray.promise.catch(() => {});
    for (const [number, record] of recorded?.entries ?? []) this.#restore(number, record);
    this.#replay.expect([...this.#entries.values()]);
    this.#rows = recorded?.rows;
  }

  /** Rejects when the program has taken another way than before. */
  get astray(): Promise<never> {
    return this.#astray.promise;
  }

  /** Why the run cannot be run again; undefined if it can. */
  get whyNot(): string | undefined {
    return this.#isUsed || this.#entries.size > 0 ? this.#loss : "Its calls are not recorded.";
  }

  /** Whether nothing is on its way to a server, whose answer would be lost with the process. */
  get isQuiet(): boolean {
    return ![...this.#entries.values()].some(({ record }) => record.isSent && !record.reply && record.nestsSince === undefined);
  }

  /** Whether something of what was decided was not done yet, or nothing waits for a decision. */
  get canGoOn(): boolean {
    const waits = this.asked.waiting().length > 0;
    return !waits || [...this.#entries.values()].some(({ record }) => record.verdict !== undefined && record.reply === undefined);
  }

  /** The calls of the run's own program that have ended, or may have happened, in the order they were made. */
  done(): EntryRecord[] {
    return this.#recordsOf([...this.#entries.values()], "");
  }

  /** The servers that were called, or are to be. */
  servers(): ReadonlySet<string> {
    return new Set([...this.#entries.values()].map(({ record }) => record.server));
  }

  /** Those of an earlier life that the program has not made again: the run's own, unless it is said which. */
  unmade(within = ""): EntryRecord[] {
    const unmade = this.#replay.unmade().filter((entry) => !entry.isKnown);
    return this.#recordsOf(unmade, within);
  }

  /** The calls of the run's own program. */
  program(): JournalScope {
    this.#isUsed = true;
    return this.#scope("", this.#parts.startedAt);
  }

  /** From now on everything is written down before it has consequences. */
  keep(rows: JournalRows): void {
    if (this.#rows !== undefined) return;
    this.#rows = rows;
    rows.writeAsked(this.asked.state);
    for (const entry of this.#entries.values()) if (entry.isRecorded) this.#writeEntry(entry);
  }

  /** What happens from now on belongs to no run any more: it is not written down, and no further call is made. */
  close(): void {
    this.#isClosed = true;
    this.#replay.close();
  }

  #restore(number: number, record: EntryRecord): void {
    const entry = new CallEntry(record, this.#writeEntry);
    entry.isKnown = false;
    this.#entries.set(record.id, entry);
    this.#numbers.set(entry, number);
    this.#numbered = Math.max(this.#numbered, number);
    this.#ordered = Math.max(this.#ordered, record.reply?.order ?? 0);
    this.#count(entry);
    const { asked, server, tool } = record;
    if (asked) this.asked.restore({ server, tool, ...asked }, entry);
  }

  #scope(within: string, startedAt: number): JournalScope {
    /** Equal calls, counted in this life. */
    const made = new Map<string, number>();
    return {
      asked: this.asked,
      determinism: () => ({ startedAt, entropy: entropyOf(this.#parts, within) }),
      whyNot: () => this.whyNot,
      astray: this.astray,
      unmade: () => this.unmade(within),
      restart: () => {
        made.clear();
        const own = [...this.#entries.values()].filter(({ record }) => record.within === within);
        this.#replay.expect(own.filter((entry) => entry.isRecorded || entry.running !== undefined));
      },
      answer: (call, make, onRecorded) => {
        const like = this.#parts.sha256(JSON.stringify([within, call.server, call.tool, call.form, comparable(call.argsJson)]));
        const occurrence = (made.get(like) ?? 0) + 1;
        made.set(like, occurrence);
        return this.#answer({ call, within, id: `${like}.${occurrence}` }, make, onRecorded);
      },
    };
  }

  async #answer<R extends object>(of: CallOf, make: Make<R>, onRecorded: OnRecorded): Promise<Stamped<R>> {
    this.#throwIfClosed();
    if (!this.#entries.has(of.id)) await this.#replay.caughtUp(of.call.argsJson.length);
    this.#throwIfClosed();
    const entry = this.#entries.get(of.id) ?? this.#add(of);
    if (entry === undefined) return this.#stamped(await make(undefined));
    this.#replay.made(entry);
    if (entry.running === undefined && entry.isLost) {
      entry.settled("unknown", 0);
      this.#answered(entry, { ok: false, error: callErrorOf(wasLost(entry.record)) });
    }
    if (!entry.isKnown && entry.record.reply !== undefined) onRecorded(entry.record);
    entry.isKnown = true;
    const { reply } = entry.record;
    if (reply !== undefined) {
      await this.#replay.turn(entry);
      return { ...JSON.parse(reply.json), at: reply.at };
    }
    entry.running ??= this.#make(entry, make);
    return (await entry.running) as Stamped<R>;
  }

  async #make<R extends object>(entry: CallEntry, make: Make<R>): Promise<Stamped<R>> {
    const reply = await make({
      entry,
      nested: () => {
        entry.nests(this.#parts.clock.now());
        return this.#scope(entry.record.id, entry.record.nestsSince ?? this.#parts.startedAt);
      },
    });
    entry.running = undefined;
    return this.#answered(entry, reply);
  }

  #answered<R extends object>(entry: CallEntry, reply: R): Stamped<R> {
    const stamped = this.#stamped(reply);
    // Where the answer is not kept, what became of the call is: of a run that cannot be run again it is still told.
    if (!this.#keepAnswer(entry, stamped)) this.#writeEntry(entry);
    return stamped;
  }

  /** False where nothing is recorded any more. */
  #keepAnswer(entry: CallEntry, { at, ...reply }: Stamped<object>): boolean {
    if (this.#isClosed || this.whyNot !== undefined || !this.#numbers.has(entry)) return false;
    const json = JSON.stringify(reply);
    if (this.#chars + json.length > journalLimits.charsMax) {
      this.#lose(tooLarge);
      return false;
    }
    this.#ordered += 1;
    entry.answered({ json, at, order: this.#ordered });
    // What it has done while it ran is part of its answer now.
    if (entry.record.nestsSince !== undefined) this.#forgetWithin(entry.record.id);
    return true;
  }

  #stamped<R extends object>(reply: R): Stamped<R> {
    return { ...reply, at: this.#parts.clock.now() };
  }

  #add({ call, within, id }: CallOf): CallEntry | undefined {
    // A saved program that has ended, and what it did not wait for, is part of the answer of its call.
    const caller = this.#entries.get(within)?.record;
    const isLate = within !== "" && (caller === undefined || caller.reply !== undefined);
    if (this.whyNot !== undefined || isLate) return undefined;
    if (this.#entries.size >= journalLimits.entriesMax) {
      this.#lose(`It makes more than ${journalLimits.entriesMax} calls.`);
      return undefined;
    }
    const { server, tool } = call;
    const entry = new CallEntry({ id, within, server, tool, isSent: false, isRetrySafe: false }, this.#writeEntry);
    this.#numbered += 1;
    this.#entries.set(id, entry);
    this.#numbers.set(entry, this.#numbered);
    return entry;
  }

  #forgetWithin(id: string): void {
    const forgotten = new Set([id]);
    // In one pass: what a call has made stands after it.
    for (const entry of this.#entries.values()) {
      if (!forgotten.has(entry.record.within)) continue;
      forgotten.add(entry.record.id);
      this.#chars -= entry.countedChars;
      const number = this.#numbers.get(entry) ?? 0;
      this.#entries.delete(entry.record.id);
      this.#numbers.delete(entry);
      this.#write((rows) => rows.removeEntry(number));
    }
  }

  readonly #writeEntry = (entry: CallEntry): void => {
    const number = this.#numbers.get(entry);
    // A call that a saved program did not wait for may end after it, and was forgotten with it.
    if (number === undefined) return;
    this.#count(entry);
    this.#write((rows) => rows.writeEntry(number, entry.record));
  };

  #count(entry: CallEntry): void {
    this.#chars += entry.chars - entry.countedChars;
    entry.countedChars = entry.chars;
    if (this.#chars > journalLimits.charsMax && this.#loss === undefined) this.#lose(tooLarge);
  }

  #write(write: (rows: JournalRows) => void): void {
    if (this.#rows !== undefined && !this.#isClosed) write(this.#rows);
  }

  /** A program whose process was let go is run again: what it does meanwhile is not part of the run. */
  #throwIfClosed(): void {
    if (this.#isClosed) throw this.#error ?? hasEnded();
  }

  #lose(reason: string): void {
    this.#loss = reason;
    this.#write((rows) => rows.writeLoss(reason));
  }

  #end(error: OrchestratorError): void {
    this.#error = error;
    this.close();
    this.#astray.reject(error);
  }

  #recordsOf(entries: readonly CallEntry[], within: string): EntryRecord[] {
    const own = entries.filter(({ record }) => record.within === within && (record.outcome !== undefined || record.isSent));
    return own.sort((a, b) => (this.#numbers.get(a) ?? 0) - (this.#numbers.get(b) ?? 0)).map(({ record }) => record);
  }
}

const tooLarge = `The arguments that wait and the answers to its calls have more than ${journalLimits.charsMax} characters.`;

interface CallOf {
  call: JournaledCall;
  within: string;
  id: string;
}
