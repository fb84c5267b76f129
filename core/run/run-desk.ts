import { summarizeCalls } from "../calls/call-summary.ts";
import { type CallRecord, earlierCall } from "../calls/ledger.ts";
import type { Clock } from "../clock.ts";
import { type OrchestratorError, toPublicError } from "../errors.ts";
import type { PersonsDecision, WaitingCall } from "../journal/asked-calls.ts";
import type { Journal } from "../journal/journal.ts";
import { limits } from "../limits.ts";
import type { ElicitationMode } from "../mcp/elicitation.ts";
import { approvalLimits } from "./approval-limits.ts";
import { decisionIn } from "./approval-question.ts";
import { filesIn } from "./execute-input.ts";
import type { Outcome } from "./outcome.ts";
import type { PausedRun, PausedRuns } from "./paused-runs.ts";
import type { ApprovalRequest, Decision } from "./run-approvals.ts";
import { waitingAnswer, waitingIn } from "./waiting-answer.ts";

/** An approval as a person sees it. All of it but the id is the words of strangers. */
export interface ShownApproval {
  id: string;
  openedAt: number;
  expiresAt: number;
  /** The source of each file of the program, by its path. */
  files: Record<string, string>;
  calls: WaitingCall[];
  /** Calls that wait and are not shown: a decision about those that are shown leaves them waiting. */
  callsOmitted: number;
  done: CallRecord[];
}

export interface RunDeskParts<Run> {
  paused: PausedRuns;
  clock: Clock;
  /** It has begun to wait, or to go on, or has ended. */
  onChange: (desk: RunDesk<Run>, state: "waits" | "goes_on" | "ended") => void;
}

interface Glance {
  isWaiting: boolean;
  calls: ReturnType<typeof waitingIn>;
}

interface OpenDecision {
  request: ApprovalRequest;
  resolve: (decision: Decision) => void;
  /** Whoever follows the run is told that it waits. */
  isTold: boolean;
}

/** The client that follows a run. */
export interface RunClient {
  /** How it can be asked. */
  modes: readonly ElicitationMode[];
  /** Only what servers ask: whoever decides about calls has a better place for that than the client's question. */
  isDecidedApart?: boolean | undefined;
}

interface Cancellable {
  cancel(): void;
}

/** Where the calls of one run wait for a person, whether its process lives or not. */
export class RunDesk<Run> {
  readonly #parts: RunDeskParts<Run>;
  #paused: PausedRun;
  /** Undefined while it is only stored. */
  #journal: Journal | undefined;
  /** As it came in; for a run of an earlier process it is read when it is needed. */
  readonly #input: { value: unknown } | undefined;
  #run: (Run & Cancellable) | undefined;
  /** What is known of it without reading all of it, while it has no process. */
  #stored: Glance | undefined;
  #open: OpenDecision | undefined;
  #pausing = Promise.withResolvers<void>();
  /** Why it ends with its process; undefined if it does not. */
  #whyNotKept: string | undefined;
  hasWaited: boolean;
  hasEnded = false;
  client: RunClient = { modes: [] };

  /** @param fresh left out for a run of an earlier process */
  constructor(parts: RunDeskParts<Run>, paused: PausedRun, fresh?: { input: unknown; journal: Journal }) {
    this.#parts = parts;
    this.#paused = paused;
    this.#journal = fresh?.journal;
    this.#input = fresh && { value: fresh.input };
    this.hasWaited = fresh === undefined;
  }

  get paused(): PausedRun {
    return this.#paused;
  }

  get id(): string {
    return this.#paused.id;
  }

  get token(): string {
    return this.#paused.token;
  }

  get input(): unknown {
    return this.#input === undefined ? this.#parts.paused.inputOf(this.id) : this.#input.value;
  }

  /** Of the run's process; without one, as it is stored, which may be megabytes. */
  get journal(): Journal {
    return this.#journal ?? this.#parts.paused.journalOf(this.#paused);
  }

  get run(): Run | undefined {
    return this.#run;
  }

  /** Whether it does nothing until somebody has decided. */
  get isWaiting(): boolean {
    return this.#run === undefined ? this.#glance().isWaiting : this.#open !== undefined;
  }

  /** The run as the audit knows it: in a later process it is still that one. */
  note(auditId: string): void {
    this.#paused = { ...this.#paused, auditId };
  }

  /** @param outcome resolves when the run has ended; must not reject */
  attach(run: Run & Cancellable, outcome: Promise<Outcome>): void {
    this.#journal ??= this.journal;
    this.#stored = undefined;
    this.#run = run;
    if (this.hasWaited) {
      this.#paused = { ...this.#paused, lives: this.#paused.lives + 1 };
      this.#parts.paused.write(this.#paused);
    }
    void outcome.then((ended) => {
      // One that was let go has not ended.
      if (this.#run === run) this.end(ended);
    });
  }

  /** Resolves when calls wait, and its client is not being asked about them. */
  async waits(): Promise<void> {
    while (this.#open?.isTold !== true) await this.#pausing.promise;
  }

  readonly decide = (request: ApprovalRequest, signal: AbortSignal): Promise<Decision> => {
    const { clock, onChange } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<Decision>();
    this.#keep();
    const stopTimer =
      this.#whyNotKept === undefined
        ? () => {}
        : clock.after(limits.answerMs, () => resolve({ kind: "unasked", reason: nobodyIn(limits.answerMs) }));
    const open: OpenDecision = { request, resolve, isTold: request.client === undefined };
    const close = () => {
      stopTimer();
      if (this.#open === open) this.#close();
    };
    const onAbort = () => {
      close();
      resolve({ kind: "unasked", reason: "The run has ended." });
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#open = open;
    onChange(this, "waits");
    if (open.isTold) this.#pausing.resolve();
    void request.client?.inVain.then((isInVain) => {
      open.isTold = isInVain;
      if (isInVain && this.#open === open) this.#pausing.resolve();
    });
    return promise.finally(close);
  };

  /** Its client is asked about what waits, and comes back with this token, whatever becomes of the process meanwhile. */
  asks(token: string, questions: readonly { id: string; isOwn?: boolean }[]): void {
    const own = questions.find(({ isOwn }) => isOwn === true);
    const upTo = this.#open?.request.client?.upTo;
    if (own === undefined || upTo === undefined) return;
    const clients = [...(this.#paused.clients ?? []), { token, question: own.id, upTo }].slice(-approvalLimits.askedClientsMax);
    this.#paused = { ...this.#paused, clients };
    if (this.#whyNotKept === undefined) this.#parts.paused.write(this.#paused);
  }

  /** What the user of its client decided; undefined if that is not among the answers. */
  decisionIn({ token, responses }: { token: string; responses: Readonly<Record<string, unknown>> }): PersonsDecision | undefined {
    const asked = this.#paused.clients?.find((client) => client.token === token);
    return asked && decisionIn(responses[asked.question], asked.upTo);
  }

  /** False if nothing of what was shown waits any more. */
  settle(decision: PersonsDecision): boolean {
    if (this.hasEnded || !this.hasWaited || !this.journal.asked.decide(decision)) return false;
    this.#stored = undefined;
    this.#open?.resolve({ kind: "decided" });
    // Whoever asks from now on is told that the run goes on.
    this.#close();
    this.#parts.onChange(this, "goes_on");
    return true;
  }

  shown(): ShownApproval | undefined {
    if (this.hasEnded || !this.hasWaited) return undefined;
    const { journal } = this;
    const waiting = journal.asked.waiting();
    if (waiting.length === 0) return undefined;
    const { openedAt, expiresAt } = this.#paused;
    const calls = waiting.slice(0, approvalLimits.shownCallsMax);
    const done = this.#open?.request.done() ?? doneIn(journal);
    return {
      ...{ id: this.id, openedAt, expiresAt },
      files: filesIn(this.input),
      calls: calls.map(({ number, server, tool, argsJson, reason }) => ({ number, server, tool, argsJson, reason })),
      callsOmitted: waiting.length - calls.length,
      done: done.slice(-approvalLimits.shownDoneMax),
    };
  }

  /**
   * Ends the process of a run that waits: it is run again when somebody has decided. Does nothing if it could not be.
   */
  letGo(): void {
    const run = this.#run;
    if (run === undefined || this.#open === undefined || this.#whyNotKept !== undefined) return;
    if (this.journal.whyNot !== undefined || !this.journal.isQuiet) return;
    this.journal.close();
    this.#journal = undefined;
    this.#run = undefined;
    this.#close();
    run.cancel();
  }

  /** It is not run again. */
  end(outcome: Outcome): void {
    this.hasEnded = true;
    this.#journal?.close();
    if (!this.hasWaited) return;
    this.#parts.paused.end(this.#paused, outcome);
    this.#parts.onChange(this, "ended");
  }

  /** Ends one that waits in no process. */
  abandon(error: OrchestratorError): void {
    const { entries: calls } = summarizeCalls(doneIn(this.journal));
    const errors = [toPublicError(error)];
    this.end({ ok: false, errors, ...(calls.length === 0 ? {} : { calls }), durationMs: 0 });
  }

  /** What the client of a run is told while its calls wait. */
  answer(url: string | undefined): Outcome {
    const calls = this.#run === undefined ? this.#glance().calls : waitingIn(this.journal.asked.waiting());
    return waitingAnswer({ url, token: this.token, calls, whyNotKept: this.#whyNotKept });
  }

  /** From its first wait on it outlives its process, if it can. */
  #keep(): void {
    const { paused, clock } = this.#parts;
    const isFirst = !this.hasWaited;
    const openedAt = clock.now();
    this.hasWaited = true;
    this.#paused = { ...this.#paused, openedAt, expiresAt: openedAt + approvalLimits.decisionMs };
    if (!isFirst && this.#whyNotKept === undefined) this.#whyNotKept = this.journal.whyNot;
    if (isFirst) this.#whyNotKept = paused.keep(this.#paused, { input: this.input, journal: this.journal });
    else if (this.#whyNotKept === undefined) paused.write(this.#paused);
    if (this.#whyNotKept !== undefined) this.#paused.expiresAt = openedAt + limits.answerMs;
  }

  #glance(): Glance {
    if (this.#stored === undefined) {
      const { journal } = this;
      this.#stored = { isWaiting: !journal.canGoOn, calls: waitingIn(journal.asked.waiting()) };
    }
    return this.#stored;
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.#open = undefined;
    const { resolve } = this.#pausing;
    this.#pausing = Promise.withResolvers();
    // Whoever waits for the next time was not told of this one.
    resolve();
  }
}

export function nobodyIn(ms: number): string {
  return ms >= hourMs ? `Nobody decided within ${ms / hourMs} hours.` : `Nobody decided within ${ms / 60_000} minutes.`;
}

const hourMs = 60 * 60_000;

function doneIn(journal: Journal): CallRecord[] {
  return journal.done().flatMap((record) => {
    const call = earlierCall(record);
    if (call === undefined) return [];
    const { isRetrySafe, ...rest } = call;
    return [{ ...rest, ...(rest.outcome === "succeeded" ? {} : { retrySafe: isRetrySafe }) }];
  });
}
