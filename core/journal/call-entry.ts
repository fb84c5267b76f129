import { z } from "zod";
import type { AskedCall, AskedEntry, Verdict } from "./asked-calls.ts";

const Outcome = z.enum(["succeeded", "failed", "not_started", "unknown"]);
type Outcome = z.infer<typeof Outcome>;

/** What is stored of one call. */
export const EntryRecord = z.object({
  /** Which call it is: of which program, server, tool and arguments, and which of several equal ones. */
  id: z.string(),
  /** The call whose saved program makes it; empty for a call of the run's own program. */
  within: z.string(),
  server: z.string(),
  tool: z.string(),
  /** A person is being asked about it, under this number. */
  asked: z
    .object({
      number: z.number(),
      argsJson: z.string(),
      reason: z.object({ rule: z.enum(["tools.ask", "sensitivity"]), limit: z.string() }),
    })
    .optional(),
  verdict: z.enum(["allowed", "denied"]).optional(),
  /** From then on its server may have seen it. */
  isSent: z.boolean(),
  isRetrySafe: z.boolean(),
  /** It runs a saved program, since then: what that does is recorded by itself. Milliseconds since the epoch. */
  nestsSince: z.number().optional(),
  outcome: Outcome.optional(),
  durationMs: z.number().optional(),
  /** What the program got, as JSON, when, and its place among the answers of the run. */
  reply: z.object({ json: z.string(), at: z.number(), order: z.number() }).optional(),
});
export type EntryRecord = z.infer<typeof EntryRecord>;

/** One call of a run, with all that is known of it. Each change is written down before it has consequences. */
export class CallEntry implements AskedEntry {
  readonly record: EntryRecord;
  readonly #onChange: (entry: CallEntry) => void;
  /** While it is being made. */
  running: Promise<object> | undefined;
  /** Whether its run knows of it, from this life. */
  isKnown = true;
  /** As many of its `chars` are counted for its run. */
  countedChars = 0;

  constructor(record: EntryRecord, onChange: (entry: CallEntry) => void) {
    this.record = record;
    this.#onChange = onChange;
  }

  get verdict(): Verdict | undefined {
    return this.record.verdict;
  }

  /** What it holds of its arguments and its answer. */
  get chars(): number {
    const { asked, reply } = this.record;
    return (asked?.argsJson.length ?? 0) + (reply?.json.length ?? 0);
  }

  /** Whether anything of it is worth knowing in another life. Of one that only waited for its turn, nothing is. */
  get isRecorded(): boolean {
    const { asked, verdict, isSent, reply } = this.record;
    return asked !== undefined || verdict !== undefined || isSent || reply !== undefined;
  }

  /** Whether it may have happened without an answer, and must not be made again. */
  get isLost(): boolean {
    const { isSent, isRetrySafe, nestsSince, reply } = this.record;
    return isSent && reply === undefined && !isRetrySafe && nestsSince === undefined;
  }

  asked({ argsJson, reason }: AskedCall, number: number): void {
    this.record.asked = { number, argsJson, reason };
    this.#onChange(this);
  }

  decided(verdict: Verdict): void {
    Object.assign(this.record, { verdict, asked: undefined });
    this.#onChange(this);
  }

  sent(isRetrySafe: boolean): void {
    if (this.record.isSent) return;
    Object.assign(this.record, { isSent: true, isRetrySafe });
    this.#onChange(this);
  }

  nests(now: number): void {
    if (this.record.nestsSince !== undefined) return;
    this.record.nestsSince = now;
    this.#onChange(this);
  }

  /** Stored with its answer. */
  settled(outcome: Outcome, durationMs: number): void {
    Object.assign(this.record, { outcome, durationMs });
  }

  answered(reply: NonNullable<EntryRecord["reply"]>): void {
    Object.assign(this.record, { reply, asked: undefined });
    this.#onChange(this);
  }
}
