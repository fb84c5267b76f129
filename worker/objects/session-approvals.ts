import { type RpcStub, RpcTarget } from "cloudflare:workers";
import { OrchestratorError } from "../../core/errors.ts";
import type { PersonsDecision } from "../../core/journal/asked-calls.ts";
import type { Orchestrator } from "../../core/orchestrator.ts";
import type { ChangedTool } from "../../core/policy/pins.ts";
import { ApprovalDesk } from "../../core/run/approval-desk.ts";
import type { LiveRun } from "../../core/run/live-run.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import type { PausedRuns } from "../../core/run/paused-runs.ts";
import type { RunClient, RunDesk, ShownApproval } from "../../core/run/run-desk.ts";
import { systemClock } from "../clock.ts";
import type { ElicitationAnswers } from "../mcp/elicitation.ts";
import { seenAs } from "../seen-change.ts";
import type { RunAudience, RunListener } from "./run-audience.ts";
import { EndedRun, RunHandle, unknownApproval, type WaitingRuns } from "./run-handle.ts";

interface SessionApprovalsParts {
  /** The session's name in addresses. */
  name: string;
  suspended: WaitingRuns["suspended"];
  paused: PausedRuns;
  /** The origin under which this orchestrator was last called. */
  origin: () => string | undefined;
  onChange: (id: string, state: "waits" | "ended") => void;
  onDecision: (decision: PersonsDecision["kind"] | "accept_tools") => void;
  orchestrator: () => Orchestrator;
  /** Runs a program again, with a client or none. */
  goOn: (desk: RunDesk<LiveRun<RunAudience>>) => void;
  /** When `tidy` is to be called. */
  onTidy: (at: number) => void;
}

/** The calls of a session's runs that wait for a person: for the runs themselves, and over RPC for the pages of worker/http. */
export class SessionApprovals extends RpcTarget {
  readonly #parts: SessionApprovalsParts;
  readonly #desk: ApprovalDesk<LiveRun<RunAudience>>;

  constructor(parts: SessionApprovalsParts) {
    super();
    this.#parts = parts;
    this.#desk = new ApprovalDesk({
      paused: parts.paused,
      clock: systemClock,
      newId: () => `${parts.name}.${crypto.randomUUID().replaceAll("-", "")}`,
      newToken: () => `a_${crypto.randomUUID()}`,
      newSeed: () => crypto.randomUUID() + crypto.randomUUID(),
      onChange: (id, state) => {
        parts.onChange(id, state);
        this.#tidyLater();
      },
      goOn: (desk) => parts.goOn(desk),
    });
  }

  /** Those that wait. */
  list(): ShownApproval[] {
    return this.#desk.waiting();
  }

  shown(id: string): ShownApproval | undefined {
    return this.#desk.shown(id);
  }

  /** A person has decided; worker/http has verified who it is. False if nothing of what they saw waits any more. */
  decide(id: string, decision: PersonsDecision): boolean {
    const isDecided = this.#desk.decide(id, decision);
    if (isDecided) this.#parts.onDecision(decision.kind);
    this.#tidyLater();
    return isDecided;
  }

  /** The tools of this session's servers that are not as they were accepted. */
  async changedTools(): Promise<ChangedTool[]> {
    const orchestrator = this.#parts.orchestrator();
    await orchestrator.readyToReview();
    return orchestrator.changedTools();
  }

  /** A person accepts tools of a server that they saw. Returns the names of those that are still as they were `seenAs`. */
  async acceptTools(server: string, seen: readonly string[]): Promise<string[]> {
    const orchestrator = this.#parts.orchestrator();
    await orchestrator.readyToReview();
    const known = new Set(seen);
    const wanted = orchestrator.changedTools().filter((change) => change.server === server && known.has(seenAs(change)));
    const accepted = orchestrator.acceptTools(
      server,
      wanted.map(({ tool }) => tool),
    );
    if (accepted.length > 0) this.#parts.onDecision("accept_tools");
    return accepted;
  }

  /** Where the calls of a run wait. */
  deskFor(request: { input: unknown; requestId: string | undefined }): RunDesk<LiveRun<RunAudience>> {
    return this.#desk.forRun(request);
  }

  /** Follows a run whose calls wait, or waited, for a person. It is found only by its token, and only in its own session. */
  resume(token: string, listener: RpcStub<RunListener>, client: RunClient): RunHandle | EndedRun {
    const desk = this.#desk.byToken(token);
    if (desk !== undefined) desk.client = client;
    return this.#follow(token, listener) ?? new EndedRun(unknownApproval());
  }

  /** Takes what the user of a run's client decided, whether or not the run has the process still in which it asked. */
  decideBy(answers: ElicitationAnswers, client: RunClient): void {
    const desk = this.#desk.byToken(answers.token);
    const decision = desk?.decisionIn(answers);
    if (desk === undefined) return;
    desk.client = client;
    if (decision !== undefined) this.decide(desk.id, decision);
  }

  /** For a client that answers a question of a process that is gone. */
  comeBack(token: string, listener: RpcStub<RunListener>): RunHandle | EndedRun {
    return this.#follow(token, listener) ?? this.handle(undefined);
  }

  #follow(token: string, listener: RpcStub<RunListener>): RunHandle | EndedRun | undefined {
    const desk = this.#desk.byToken(token);
    if (desk !== undefined) this.#desk.goOn(desk);
    if (desk?.run !== undefined && !desk.isWaiting) {
      desk.run.audience.attach(listener);
      return this.handle(desk.run, { isLooking: true });
    }
    const isOver = desk === undefined || desk.hasEnded;
    const known = isOver ? this.#desk.outcomeOf(token) : desk.answer(this.#pageOf(desk.id));
    return known && new EndedRun(known);
  }

  /** What is known of a run that waits in no process: the answer that its client gets. */
  waitingRun(run: string): { input: unknown; answer: Outcome } | undefined {
    const desk = this.#desk.withoutProcess(run);
    return desk && { input: desk.input, answer: desk.answer(this.#pageOf(desk.id)) };
  }

  /** Ends such a run. False if there is none. */
  cancelWaiting(run: string): boolean {
    const desk = this.#desk.withoutProcess(run);
    desk?.abandon(new OrchestratorError("cancelled", "A person cancelled the run. `calls` has what it had done."));
    return desk !== undefined;
  }

  /** At its alarm. */
  tidy(): void {
    this.#desk.tidy();
    this.#tidyLater();
  }

  /** Ends the processes of all runs that wait, as if they had waited for long. */
  letGo(): void {
    this.#desk.letGo();
  }

  get isEmpty(): boolean {
    return this.#desk.nextAt() === undefined;
  }

  /** The session is being deleted. */
  forgetAll(): void {
    this.#desk.forgetAll();
  }

  /** @param as how the holder is: `isLooking` when its going is not the end of the run */
  handle(run: LiveRun<RunAudience> | undefined, as: { isLooking?: boolean } = {}): RunHandle {
    return new RunHandle(run, { suspended: this.#parts.suspended, pageOf: (approval) => this.#pageOf(approval), ...as });
  }

  #pageOf(approval: string): string | undefined {
    const known = this.#parts.origin();
    return known === undefined ? undefined : `${known}/approve/${approval}`;
  }

  #tidyLater(): void {
    const at = this.#desk.nextAt();
    if (at !== undefined) this.#parts.onTidy(at);
  }
}
