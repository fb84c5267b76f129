import { RpcTarget } from "cloudflare:workers";
import type { RunProgress } from "../../../core/calls/progress.ts";
import { OrchestratorError, toPublicError } from "../../../core/errors.ts";
import { isDeeper } from "../../../core/json.ts";
import { limits } from "../../../core/limits.ts";
import type { RunLine } from "../../../core/log-line.ts";
import type { ElicitationMode } from "../../../core/mcp/elicitation.ts";
import type { Outcome } from "../../../core/run/outcome.ts";
import type { ElicitationAnswers, Step } from "../../mcp/elicitation.ts";
import { newRequestId } from "../../random-names.ts";
import type { sessionAt } from "../access/session-address.ts";

type SessionObject = ReturnType<typeof sessionAt>;

/** Functions of the caller, which arrive as stubs. */
export interface ServiceListener {
  progressed: Stubbed<(progress: RunProgress) => unknown>;
  printed: Stubbed<(lines: RunLine[]) => unknown>;
}

type Stubbed<F> = F & { dup?(): F & Partial<Disposable> };

/** One session, for a Worker that binds the orchestrator. What it answers is what /mcp answers as structured content. */
export class SessionService extends RpcTarget {
  readonly #session: SessionObject;
  readonly #origin: string | undefined;

  constructor(session: SessionObject, origin: string | undefined) {
    super();
    this.#session = session;
    this.#origin = origin;
  }

  async listCapabilities(input: unknown): Promise<object> {
    return refuseDeep(input) ?? (await this.#session.listCapabilities(input, this.#asked()));
  }

  async describe(input: unknown): Promise<object> {
    return refuseDeep(input) ?? (await this.#session.describe(input, this.#asked()));
  }

  /** A signal does not cross RPC: the run is cancelled by the handle's `cancel`, or when the handle is disposed. */
  async startRun(
    input: unknown,
    listener: ServiceListener,
    { modes = [] }: { modes?: ElicitationMode[] } = {},
  ): Promise<ServiceRun> {
    const refusal = refuseDeep(input);
    if (refusal !== undefined) return new ServiceRun(refusedRun({ ...refusal, durationMs: 0 }));
    const listening = new Listening(listener);
    return new ServiceRun(await this.#session.startRun(input, listening, { modes, ...this.#asked() }), listening);
  }

  /** Named like a request over HTTP, so that it is found again in errors, logs and the audit. */
  #asked() {
    return { requestId: newRequestId(), ...(this.#origin !== undefined && { origin: this.#origin }) };
  }

  /** Continues a run that waits for a person. */
  async answerRun(
    answers: ElicitationAnswers,
    listener: ServiceListener,
    { modes = [] }: { modes?: ElicitationMode[] } = {},
  ): Promise<ServiceRun> {
    const listening = new Listening(listener);
    return new ServiceRun(await this.#session.answerRun(answers, listening, { modes }), listening);
  }
}

interface SessionRun extends Disposable {
  next(): Promise<Step>;
  cancel(): Promise<void> | void;
}

function refusedRun(outcome: Outcome): SessionRun {
  return { next: async () => ({ kind: "ended", outcome }), cancel() {}, [Symbol.dispose]() {} };
}

/** The caller's handle on a run. */
class ServiceRun extends RpcTarget {
  readonly #run: SessionRun;
  readonly #listening: Listening | undefined;

  constructor(run: SessionRun, listening?: Listening) {
    super();
    this.#run = run;
    this.#listening = listening;
  }

  async next(): Promise<Step> {
    return await this.#run.next();
  }

  async cancel(): Promise<void> {
    await this.#run.cancel();
  }

  [Symbol.dispose](): void {
    this.#run[Symbol.dispose]();
    this.#listening?.[Symbol.dispose]();
  }
}

/** Holds the caller's functions beyond the call that passed them. */
class Listening extends RpcTarget {
  readonly #progressed: ServiceListener["progressed"] & Partial<Disposable>;
  readonly #printed: ServiceListener["printed"] & Partial<Disposable>;

  constructor({ progressed, printed }: ServiceListener) {
    super();
    this.#progressed = progressed.dup?.() ?? progressed;
    this.#printed = printed.dup?.() ?? printed;
  }

  async progressed(progress: RunProgress): Promise<void> {
    await this.#progressed(progress);
  }

  async printed(lines: RunLine[]): Promise<void> {
    await this.#printed(lines);
  }

  [Symbol.dispose](): void {
    this.#progressed[Symbol.dispose]?.();
    this.#printed[Symbol.dispose]?.();
  }
}

/** What nests deeper cannot be passed on to the session. */
function refuseDeep(input: unknown): { ok: false; errors: ReturnType<typeof toPublicError>[] } | undefined {
  if (!isDeeper(input, limits.requestDepthMax)) return undefined;
  const message = `The input nests deeper than ${limits.requestDepthMax} levels. Pass flatter arguments.`;
  return { ok: false, errors: [toPublicError(new OrchestratorError("invalid_input", message))] };
}
