import type { Ask } from "../calls/elicitation.ts";
import type { CallRecord } from "../calls/ledger.ts";
import type { Clock } from "../clock.ts";
import { OrchestratorError } from "../errors.ts";
import { type AskedCall, AskedCalls, type AskedEntry, type PersonsDecision, type WaitingCall } from "../journal/asked-calls.ts";
import { approvalLimits } from "./approval-limits.ts";
import { decisionIn, questionAbout } from "./approval-question.ts";

/** `decided`: on the calls themselves. `unasked`: nobody can decide. */
export type Decision = PersonsDecision | { kind: "decided" } | { kind: "unasked"; reason: string };

/** What is shown to whoever decides. */
export interface ApprovalRequest {
  done: () => readonly CallRecord[];
  /** The client is being asked, about the calls up to a number. `inVain` says in the end whether its user did not decide. */
  client?: { upTo: number; inVain: Promise<boolean> };
}

/** Where a person decides whether or not the client can be asked. Resolves soon after `signal` aborts. */
export type Decide = (request: ApprovalRequest, signal: AbortSignal) => Promise<Decision>;

interface RunApprovalsParts {
  /** The calls that were asked about in an earlier life of the run; left out, it has only one. */
  asked?: AskedCalls | undefined;
  /** Undefined where there is no other way than the client. */
  decide: Decide | undefined;
  /** Undefined where the client cannot be asked. */
  ask: Ask | undefined;
  /** Stands still while anything waits. */
  end: { hold(): Disposable; signal: AbortSignal };
  clock: Clock;
  done: () => readonly CallRecord[];
}

/** Asks a person about a run's calls: all that wait at the same time are one decision. */
export class RunApprovals {
  readonly #parts: RunApprovalsParts;
  readonly #asked: AskedCalls;
  #isAsking = false;

  constructor(parts: RunApprovalsParts) {
    this.#parts = parts;
    this.#asked = parts.asked ?? new AskedCalls();
  }

  /** @throws OrchestratorError `denied`, `approval_required`, `cancelled` */
  readonly approve = async (call: AskedCall, entry?: AskedEntry): Promise<void> => {
    const verdict = this.#asked.ask(call, entry);
    if (this.#asked.isAwaited) void this.#settle();
    if ((await verdict) === "denied") throw denied(call);
  };

  async #settle(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { end, clock } = this.#parts;
    using _hold = end.hold();
    await pause(approvalLimits.gatherMs, { clock, signal: end.signal });
    while (this.#asked.isAwaited) {
      if (end.signal.aborted) this.#asked.giveUp(() => wasCancelled());
      else this.#apply(await this.#decision());
    }
    this.#isAsking = false;
  }

  /** The first word counts, whether it comes from the client's user or from elsewhere. */
  async #decision(): Promise<Decision> {
    const { decide, end, done } = this.#parts;
    const over = new AbortController();
    const signal = AbortSignal.any([end.signal, over.signal]);
    const client = this.#askClient(signal);
    if (decide === undefined) return (await client?.answer) ?? { kind: "unasked", reason: "Nobody can be asked." };
    if (client === undefined) return decide({ done }, signal);
    const inVain = client.answer.then(({ kind }) => kind === "unasked");
    try {
      const elsewhere = decide({ done, client: { upTo: client.upTo, inVain } }, signal);
      const answer = client.answer.then((decision) => (decision.kind === "unasked" ? elsewhere : decision));
      return await Promise.race([elsewhere, answer]);
    } finally {
      over.abort();
    }
  }

  /** Undefined where it cannot be asked at all. */
  #askClient(signal: AbortSignal): { upTo: number; answer: Promise<Decision> } | undefined {
    const { ask } = this.#parts;
    const calls = this.#asked.waiting();
    const [first] = calls;
    if (ask === undefined || first === undefined) return undefined;
    const { question, upTo } = questionAbout(calls);
    const answer = ask({ server: first.server, tool: first.tool, isOwn: true, question }, signal).then((reply): Decision => {
      if (reply.kind === "unasked") return reply;
      return decisionIn(reply.answer, upTo) ?? { kind: "unasked", reason: "The user did not decide." };
    });
    return { upTo, answer };
  }

  #apply(decision: Decision): void {
    switch (decision.kind) {
      case "unasked":
        this.#asked.giveUp((call) => notAsked(call, decision.reason));
        break;
      case "decided":
        break;
      default:
        this.#asked.decide(decision);
    }
  }
}

function denied({ server, tool, reason }: AskedCall): OrchestratorError {
  const message = `A person refused ${server}.${tool}. It was not sent. Do not try it another way; ask the user what they want instead.`;
  return new OrchestratorError("denied", message, { server, tool, ...reason });
}

function notAsked({ server, tool, reason }: WaitingCall, why: string): OrchestratorError {
  const message = `${server}.${tool} needs a person to allow it, and was not sent. ${why}`;
  return new OrchestratorError("approval_required", message, { server, tool, ...reason });
}

function wasCancelled(): OrchestratorError {
  return new OrchestratorError("cancelled", "The run ended while this call waited for a person.");
}

function pause(ms: number, { clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = clock.after(ms, resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise.finally(stop);
}
