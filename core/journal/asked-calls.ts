import { z } from "zod";

/** A call that a person is asked about. */
export interface AskedCall {
  server: string;
  tool: string;
  argsJson: string;
  reason: { rule: "tools.ask" | "sensitivity"; limit: string };
}

export type Verdict = "allowed" | "denied";

/** Where the answer to one call is written down. */
export interface AskedEntry {
  readonly verdict: Verdict | undefined;
  asked(call: AskedCall, number: number): void;
  decided(verdict: Verdict): void;
}

/**
 * What a person decides about the calls up to a number that they have seen: these, or any call of their tools by this run up to a
 * count, those that wait among them, or none.
 */
export type PersonsDecision =
  | { kind: "allow"; upTo: number }
  | { kind: "allow_tools"; upTo: number; callsMax: number }
  | { kind: "deny"; upTo: number };

/** A call that waits for a person. */
export interface WaitingCall extends AskedCall {
  number: number;
}

interface Waiting {
  call: WaitingCall;
  entry: AskedEntry | undefined;
  /** Undefined while the program has not asked for it again. */
  answer: PromiseWithResolvers<Verdict> | undefined;
}

/** What is remembered of a run's calls that were asked about, beside what stands with each of them. */
export const AskedState = z.object({
  /** The highest number that a call was given: none is given again, since a page that somebody still has open may show it. */
  asked: z.number(),
  /** By server and tool: the calls that may be made without being asked about again. */
  grants: z.record(z.string(), z.number()),
});
export type AskedState = z.infer<typeof AskedState>;

/** The calls of one run that a person was asked about, and what was decided. */
export class AskedCalls {
  readonly #grants: Map<string, number>;
  readonly #onState: (state: AskedState) => void;
  #waiting: Waiting[] = [];
  #asked: number;

  /** @param onState writes down what changes */
  constructor({ asked, grants }: AskedState = { asked: 0, grants: {} }, onState: (state: AskedState) => void = () => {}) {
    this.#asked = asked;
    this.#grants = new Map(Object.entries(grants));
    this.#onState = onState;
  }

  get state(): AskedState {
    return { asked: this.#asked, grants: Object.fromEntries(this.#grants) };
  }

  /** A call that waits since an earlier life of the run. */
  restore(call: WaitingCall, entry: AskedEntry): void {
    this.#waiting.push({ call, entry, answer: undefined });
    this.#waiting.sort((a, b) => a.call.number - b.call.number);
  }

  /** Resolves when it is decided. Rejects when it is given up. */
  ask(call: AskedCall, entry: AskedEntry | undefined): Promise<Verdict> {
    if (entry?.verdict !== undefined) return Promise.resolve(entry.verdict);
    const known = entry && this.#waiting.find((waiting) => waiting.entry === entry);
    if (known !== undefined) {
      known.answer ??= Promise.withResolvers();
      return known.answer.promise;
    }
    if (this.#takeGrant(call)) {
      entry?.decided("allowed");
      return Promise.resolve("allowed");
    }
    this.#asked += 1;
    this.#onState(this.state);
    const answer = Promise.withResolvers<Verdict>();
    this.#waiting.push({ call: { ...call, number: this.#asked }, entry, answer });
    entry?.asked(call, this.#asked);
    return answer.promise;
  }

  /** Those that wait, in the order of their numbers. */
  waiting(): WaitingCall[] {
    return this.#waiting.map(({ call }) => call);
  }

  /** Whether the program itself waits for any. */
  get isAwaited(): boolean {
    return this.#waiting.some(({ answer }) => answer !== undefined);
  }

  /** False if nothing of what was seen waits any more. */
  decide(decision: PersonsDecision): boolean {
    const seen = this.#waiting.filter(({ call }) => call.number <= decision.upTo);
    if (seen.length === 0) return false;
    if (decision.kind === "allow_tools") {
      for (const { call } of seen) this.#grants.set(keyOf(call), decision.callsMax);
      this.#onState(this.state);
    } else this.#settle(seen, decision.kind === "deny" ? "denied" : "allowed");
    const covered = this.#waiting.filter(({ call }) => this.#takeGrant(call));
    this.#settle(covered, "allowed");
    return true;
  }

  /** Nobody decides about those that the program waits for. */
  giveUp(errorFor: (call: WaitingCall) => Error): void {
    const left = this.#waiting.filter(({ answer }) => answer !== undefined);
    this.#waiting = this.#waiting.filter((waiting) => !left.includes(waiting));
    for (const { call, answer } of left) answer?.reject(errorFor(call));
  }

  #settle(settled: readonly Waiting[], verdict: Verdict): void {
    this.#waiting = this.#waiting.filter((waiting) => !settled.includes(waiting));
    for (const { entry, answer } of settled) {
      entry?.decided(verdict);
      answer?.resolve(verdict);
    }
  }

  #takeGrant(call: AskedCall): boolean {
    const left = this.#grants.get(keyOf(call)) ?? 0;
    if (left <= 0) return false;
    this.#grants.set(keyOf(call), left - 1);
    this.#onState(this.state);
    return true;
  }
}

function keyOf({ server, tool }: AskedCall): string {
  return JSON.stringify([server, tool]);
}
