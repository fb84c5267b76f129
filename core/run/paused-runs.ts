import { z } from "zod";
import type { Clock } from "../clock.ts";
import { AskedState } from "../journal/asked-calls.ts";
import { EntryRecord } from "../journal/call-entry.ts";
import { Journal, type JournalRows } from "../journal/journal.ts";
import type { Store } from "../store.ts";
import { approvalLimits } from "./approval-limits.ts";
import { AskedClient } from "./approval-question.ts";
import type { Outcome } from "./outcome.ts";

/** A run that waits for a person, or has waited and goes on: all that a later process needs to run it again. */
export const PausedRun = z.object({
  /** Of its approval. */
  id: z.string(),
  /** Under which its client comes back. */
  token: z.string(),
  /** Of the request that started it, and of the run in the audit. */
  requestId: z.string().optional(),
  auditId: z.string().optional(),
  seed: z.string(),
  /** Milliseconds since the epoch. */
  startedAt: z.number(),
  /** When its calls began to wait, and how long they may. */
  openedAt: z.number(),
  expiresAt: z.number(),
  /** Processes in which its program was run. */
  lives: z.number(),
  /** Why it cannot be run again; left out, it can. */
  loss: z.string().optional(),
  /** How its client was asked, the latest last. */
  clients: z.array(AskedClient).optional(),
});
export type PausedRun = z.infer<typeof PausedRun>;

/** A run that has waited and has ended. */
const EndedRun = PausedRun.pick({ id: true, token: true, clients: true }).extend({ endedAt: z.number() });
export type EndedRun = z.infer<typeof EndedRun>;

/** Whether a client comes back to the run with this token: that of a run that waits, or of a question to the client. */
export function isTokenOf({ token, clients = [] }: Pick<PausedRun, "token" | "clients">, given: string): boolean {
  return token === given || clients.some((client) => client.token === given);
}

interface PausedRunsParts {
  store: Store;
  clock: Clock;
  sha256: (text: string) => string;
}

const runs = "paused/run/";
const inputs = "paused/input/";
const calls = "paused/call/";
const asked = "paused/asked/";
const ended = "paused/ended/";
const outcomes = "paused/outcome/";
const numberDigits = 6;

/** The runs of a session that outlive its process, in its storage. */
export class PausedRuns {
  readonly #parts: PausedRunsParts;

  constructor(parts: PausedRunsParts) {
    this.#parts = parts;
  }

  newJournal(seed: string): Journal {
    const { clock, sha256 } = this.#parts;
    return new Journal({ clock, sha256, seed, startedAt: clock.now() });
  }

  list(): PausedRun[] {
    return this.#read(runs, PausedRun);
  }

  ended(): EndedRun[] {
    return this.#read(ended, EndedRun);
  }

  /**
   * Keeps a run from now on.
   * @returns why it cannot be kept, if so
   */
  keep(run: PausedRun, { input, journal }: { input: unknown; journal: Journal }): string | undefined {
    const { store } = this.#parts;
    if (journal.whyNot !== undefined) return journal.whyNot;
    if (store.keys(runs).length >= approvalLimits.keptMax) return `${approvalLimits.keptMax} runs of this session wait already.`;
    if (this.#bytes() >= approvalLimits.keptBytesMax) return "The runs of this session that wait are too large together.";
    const json = jsonOf(input);
    if (json === undefined) return "Its input is no JSON.";
    store.writeJson(`${inputs}${run.id}`, json);
    this.write(run);
    journal.keep(this.#rowsOf(run.id));
    return undefined;
  }

  write(run: PausedRun): void {
    this.#parts.store.write(`${runs}${run.id}`, run);
  }

  inputOf(id: string): unknown {
    return this.#parts.store.read(`${inputs}${id}`);
  }

  /** What was recorded of its calls. */
  journalOf({ id, seed, startedAt }: PausedRun): Journal {
    const { store, clock, sha256 } = this.#parts;
    const prefix = `${calls}${id}/`;
    const entries = store
      .keys(prefix)
      .map((key) => [Number(key.slice(prefix.length)), EntryRecord.parse(store.read(key))] as const);
    const recorded = {
      entries: new Map(entries),
      asked: AskedState.optional().parse(store.read(`${asked}${id}`)),
      rows: this.#rowsOf(id),
    };
    return new Journal({ clock, sha256, seed, startedAt, recorded });
  }

  /** Keeps the outcome in place of the run. */
  end({ id, token, clients }: Pick<PausedRun, "id" | "token" | "clients">, outcome: Outcome): void {
    const { store, clock } = this.#parts;
    this.forget(id);
    const json = jsonOf(outcome);
    if (json === undefined || json.length > approvalLimits.outcomeCharsMax || !this.#makeRoom(json)) return;
    store.writeJson(`${outcomes}${id}`, json);
    store.write(`${ended}${id}`, { id, token, clients, endedAt: clock.now() } satisfies EndedRun);
  }

  /** Written by `end`, and by nobody else. */
  outcomeOf(id: string): Outcome | undefined {
    return this.#parts.store.read(`${outcomes}${id}`) as Outcome | undefined;
  }

  forget(id: string): void {
    const { store } = this.#parts;
    for (const key of store.keys(`${calls}${id}/`)) store.remove(key);
    for (const prefix of [runs, inputs, asked, ended, outcomes]) store.remove(`${prefix}${id}`);
  }

  /** Forgets outcomes, the oldest first, until there is room for another one. False if there is none even so. */
  #makeRoom(json: string): boolean {
    const fits = () => this.#bytes() + json.length <= approvalLimits.keptBytesMax;
    for (const { id } of this.ended().sort((a, b) => a.endedAt - b.endedAt)) {
      if (fits()) break;
      this.forget(id);
    }
    return fits();
  }

  #bytes(): number {
    return this.#parts.store.bytes("paused/");
  }

  #rowsOf(id: string): JournalRows {
    const { store } = this.#parts;
    const keyOf = (number: number) => `${calls}${id}/${String(number).padStart(numberDigits, "0")}`;
    return {
      writeEntry: (number, record) => store.write(keyOf(number), record),
      removeEntry: (number) => store.remove(keyOf(number)),
      writeAsked: (state) => store.write(`${asked}${id}`, state),
      writeLoss: (loss) => {
        const run = PausedRun.safeParse(store.read(`${runs}${id}`));
        if (run.success) this.write({ ...run.data, loss });
      },
    };
  }

  #read<Kept>(prefix: string, kept: z.ZodType<Kept>): Kept[] {
    const { store } = this.#parts;
    return store.keys(prefix).map((key) => kept.parse(store.read(key)));
  }
}

/** An input that came over RPC may hold what is not JSON. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
