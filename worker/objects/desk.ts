import { type RpcStub, RpcTarget } from "cloudflare:workers";
import type { ToolForm } from "../../core/discovery/tool-form.ts";
import type { FilePiece } from "../../core/files/file-store.ts";
import { limits } from "../../core/limits.ts";
import type { Refusal } from "../../core/orchestrator.ts";
import { filesIn } from "../../core/run/execute-input.ts";
import type { KeptKind, KeptThing } from "../../core/run/kept-things.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import type { ProcessOutput } from "../../core/tunnel/frames.ts";
import type { Composition } from "../compose.ts";
import type { Asking } from "../mcp/elicitation.ts";
import type { RunWatcher } from "./run-audience.ts";
import type { WaitingRuns } from "./run-handle.ts";
import type { RunningRuns } from "./running-runs.ts";
import { SavedDesk } from "./saved-desk.ts";
import type { SessionApprovals } from "./session-approvals.ts";

/** A bridge answers at once, unless it is of a version that does not know the question. */
const serverOutputMs = 1_500;

interface SessionRuns {
  running: RunningRuns;
  suspended: WaitingRuns["suspended"];
  /** Runs that wait for a person may have no process. */
  approvals: SessionApprovals;
}

/** What a person at the console does with a session, beyond what an agent does. */
export class Desk extends RpcTarget {
  readonly #parts: Composition;
  readonly #runs: SessionRuns;

  constructor(parts: Composition, runs: SessionRuns) {
    super();
    this.#parts = parts;
    this.#runs = runs;
  }

  /** What is wrong with a program, without running it. */
  check(input: unknown) {
    return this.#parts.orchestrator.check(input, AbortSignal.timeout(limits.runMs));
  }

  toolForm(server: string, tool: string): Promise<ToolForm | Refusal> {
    return this.#parts.orchestrator.toolForm({ server, tool });
  }

  /** The runs that are under way, with when they began, in milliseconds since the epoch, and what a person is to do for them. */
  listRunning(): { id: string; startedAt: number; waitsFor: "decision" | "answer" | undefined }[] {
    const { running, suspended } = this.#runs;
    return running.list().map(({ id, startedAt, run, isWaiting }) => {
      const waitsFor = suspended.tokenOf(run) !== undefined ? "answer" : isWaiting ? "decision" : undefined;
      return { id, startedAt, waitsFor };
    });
  }

  /** The files of the program of a run that has not ended, cut to what fits on a page. */
  readRunning(id: string): Record<string, string> | undefined {
    const found = this.#runs.running.find(id) ?? this.#runs.approvals.waitingRun(id);
    return found && filesIn(found.input);
  }

  /**
   * Tells what a run prints until it ends, and then its outcome; undefined when it has ended already. Of one whose process is let
   * go, because it has waited for a person for long, what its client is told.
   */
  async watch(id: string, watcher: RpcStub<RunWatcher>): Promise<Outcome | undefined> {
    const found = this.#runs.running.find(id);
    if (found === undefined) return this.#runs.approvals.waitingRun(id)?.answer;
    using _watching = found.run.audience.watch(watcher);
    const outcome = await found.run.outcome;
    return this.#runs.approvals.waitingRun(id)?.answer ?? outcome;
  }

  /** What a run asks that is under way, with the token for the answer; undefined while it asks nothing. */
  askedBy(id: string): Asking | undefined {
    const run = this.#runs.running.find(id)?.run;
    const token = run && this.#runs.suspended.tokenOf(run);
    return token === undefined ? undefined : this.asked(token);
  }

  /** What the run of this token asks, if it still asks; undefined when no run waits for an answer under it. */
  asked(token: string): Asking | undefined {
    const run = this.#runs.suspended.find(token);
    return run && { token, questions: run.questions() };
  }

  /** Ends a run that asks something, and returns its outcome; undefined when no run waits under this token. */
  async cancelAsking(token: string): Promise<Outcome | undefined> {
    const run = this.#runs.suspended.take(token);
    run?.cancel();
    return run?.outcome;
  }

  cancelRunning(id: string): void {
    const found = this.#runs.running.find(id);
    found?.run.cancel();
    if (found === undefined && !this.#runs.approvals.cancelWaiting(id)) return;
    this.#parts.audit.note({ action: "administration", what: "run_cancelled", run: id });
  }

  /** The JSON text of a PastRun; undefined when it is not kept any more. */
  readRun(run: string): string | undefined {
    return this.#parts.history.readJson(run);
  }

  saved(): SavedDesk {
    return new SavedDesk(this.#parts);
  }

  /** What a server has printed that a bridge starts. `away`: no bridge that serves it is connected. `unsaid`: its bridge does not say. */
  async serverOutput(server: string): Promise<ProcessOutput | "away" | "unsaid"> {
    const signal = AbortSignal.timeout(serverOutputMs);
    try {
      return (await this.#parts.tunnel.output(server, { signal, timeoutMs: serverOutputMs })) ?? "away";
    } catch {
      return "unsaid";
    }
  }

  listKept(): KeptThing[] {
    return this.#parts.kept.list();
  }

  readKept(kind: Exclude<KeptKind, "file">, name: string): string | undefined {
    return this.#parts.kept.readJson(kind, name);
  }

  readFile(path: string, from: number): FilePiece | undefined {
    return this.#parts.kept.readFile(path, from);
  }

  removeKept(kind: KeptKind, name: string): void {
    this.#parts.kept.remove(kind, name);
    this.#parts.audit.note({ action: "administration", what: `${kind}_removed` });
  }
}
