import type { Clock } from "../clock.ts";
import { OrchestratorError } from "../errors.ts";
import type { PersonsDecision } from "../journal/asked-calls.ts";
import { approvalLimits } from "./approval-limits.ts";
import type { Outcome } from "./outcome.ts";
import { isTokenOf, type PausedRuns } from "./paused-runs.ts";
import { nobodyIn, RunDesk, type ShownApproval } from "./run-desk.ts";

interface DeskParts<Run> {
  paused: PausedRuns;
  clock: Clock;
  newId: () => string;
  newToken: () => string;
  /** Unguessable, from which a program gets what it sees as random. */
  newSeed: () => string;
  /** An approval has begun to wait, or does not any more. */
  onChange: (id: string, state: "waits" | "ended") => void;
  /** Runs the program again whose process was let go or lost, and attaches that to the desk. */
  goOn: (desk: RunDesk<Run>) => void;
}

/** The approvals of a session's runs: for each run that has ever waited, one page and one token. */
export class ApprovalDesk<Run> {
  readonly #parts: DeskParts<Run>;
  #desks: Map<string, RunDesk<Run>> | undefined;

  constructor(parts: DeskParts<Run>) {
    this.#parts = parts;
  }

  /** @param request as it came in, and under which id */
  forRun({ input, requestId }: { input: unknown; requestId: string | undefined }): RunDesk<Run> {
    const { newId, newToken, newSeed, clock, paused } = this.#parts;
    const seed = newSeed();
    const now = clock.now();
    const fresh = { input, journal: paused.newJournal(seed) };
    const times = { startedAt: now, openedAt: now, expiresAt: now };
    return this.#deskOf({ id: newId(), token: newToken(), ...(requestId && { requestId }), seed, ...times, lives: 1 }, fresh);
  }

  /** By the token of a run that waits, or of a question to its client. */
  byToken(token: string): RunDesk<Run> | undefined {
    return [...this.#byId.values()].find(({ paused }) => isTokenOf(paused, token));
  }

  /** A run whose process was let go or lost while its calls waited, by its id in the audit. */
  withoutProcess(run: string): RunDesk<Run> | undefined {
    return [...this.#byId.values()].find((desk) => !desk.hasEnded && desk.run === undefined && desk.paused.auditId === run);
  }

  /** The outcome of a run of an earlier process. */
  outcomeOf(token: string): Outcome | undefined {
    const { paused } = this.#parts;
    const ended = paused.ended().find((run) => isTokenOf(run, token));
    return ended && paused.outcomeOf(ended.id);
  }

  shown(id: string): ShownApproval | undefined {
    return this.#byId.get(id)?.shown();
  }

  /** Those that wait, the oldest first. */
  waiting(): ShownApproval[] {
    return [...this.#byId.values()].flatMap((desk) => desk.shown() ?? []);
  }

  /** False if nothing of what was shown waits any more. */
  decide(id: string, decision: PersonsDecision): boolean {
    return this.#byId.get(id)?.settle(decision) ?? false;
  }

  /** Follows a run that nothing holds up any more, in a process of its own if it has none. */
  goOn(desk: RunDesk<Run>): void {
    if (desk.run !== undefined || desk.hasEnded || desk.isWaiting) return;
    if (desk.paused.lives >= approvalLimits.livesMax) desk.abandon(livesOver());
    else this.#parts.goOn(desk);
  }

  /** Lets go of processes that wait for long, ends what nobody decided, forgets what has ended, and goes on with what was lost. */
  tidy(): void {
    const { clock, paused } = this.#parts;
    const now = clock.now();
    for (const desk of this.#byId.values()) {
      if (desk.hasEnded) continue;
      const { openedAt, expiresAt } = desk.paused;
      if (desk.run !== undefined && desk.isWaiting && now >= openedAt + approvalLimits.processMs) desk.letGo();
      if (desk.run === undefined && desk.isWaiting && now >= expiresAt) desk.abandon(tooLate());
      this.goOn(desk);
    }
    for (const { id, endedAt } of paused.ended()) if (now >= endedAt + approvalLimits.outcomeMs) this.#forget(id);
  }

  /** Ends the processes of all runs that wait and can be run again. */
  letGo(): void {
    for (const desk of this.#byId.values()) if (desk.isWaiting) desk.letGo();
  }

  /** When `tidy` is to be called next; undefined if there is nothing to tidy. */
  nextAt(): number | undefined {
    const { clock, paused } = this.#parts;
    const times = paused.ended().map(({ endedAt }) => endedAt + approvalLimits.outcomeMs);
    for (const desk of this.#byId.values()) {
      if (desk.hasEnded) continue;
      const { openedAt, expiresAt } = desk.paused;
      if (!desk.isWaiting) times.push(clock.now() + approvalLimits.lookMs);
      else if (desk.run === undefined) times.push(expiresAt);
      else times.push(Math.max(openedAt + approvalLimits.processMs, clock.now() + approvalLimits.lookMs));
    }
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Everything that is stored is about to go: nothing waits any more. */
  forgetAll(): void {
    for (const { id, hasEnded } of this.#byId.values()) if (!hasEnded) this.#parts.onChange(id, "ended");
    this.#desks = new Map();
  }

  get #byId(): Map<string, RunDesk<Run>> {
    if (this.#desks !== undefined) return this.#desks;
    this.#desks = new Map();
    for (const run of this.#parts.paused.list()) {
      const desk = this.#deskOf(run);
      this.#desks.set(run.id, desk);
      if (run.loss !== undefined) desk.abandon(wasLost(run.loss));
    }
    return this.#desks;
  }

  #deskOf(...of: [ConstructorParameters<typeof RunDesk>[1], ConstructorParameters<typeof RunDesk>[2]?]): RunDesk<Run> {
    const { paused, clock, onChange } = this.#parts;
    return new RunDesk<Run>(
      {
        paused,
        clock,
        onChange: (desk, state) => {
          if (state === "waits") this.#keep(desk);
          if (state === "goes_on") this.goOn(desk);
          else onChange(desk.id, state);
        },
      },
      ...of,
    );
  }

  /** The oldest are forgotten first that have ended. */
  #keep(desk: RunDesk<Run>): void {
    const desks = this.#byId;
    desks.set(desk.id, desk);
    if (desks.size <= approvalLimits.keptMax) return;
    const ended = [...desks.values()].find((other) => other.hasEnded);
    if (ended) this.#forget(ended.id);
  }

  #forget(id: string): void {
    this.#byId.delete(id);
    this.#parts.paused.forget(id);
  }
}

function tooLate(): OrchestratorError {
  const message = `${nobodyIn(approvalLimits.decisionMs)} The run was ended, and what waited was not sent. \`calls\` has what it had done.`;
  return new OrchestratorError("approval_required", message);
}

function livesOver(): OrchestratorError {
  const message = `The process of the program was lost ${approvalLimits.livesMax} times, so it is not run again. \`calls\` has what it had done.`;
  return new OrchestratorError("program_lost", message, { retryable: false });
}

function wasLost(reason: string): OrchestratorError {
  const message = `The process of the program was lost, and it cannot be run again: ${reason} \`calls\` has what it had done.`;
  return new OrchestratorError("program_lost", message, { retryable: false });
}
