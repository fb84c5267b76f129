import { named } from "../closest.ts";
import { UpstreamError } from "../errors.ts";
import type { RunFiles } from "../files/file-calls.ts";
import { sessionWorkspace, type Workspaces } from "../files/workspaces.ts";
import type { SessionHoldings } from "../policy/session-holdings.ts";
import { createSemaphore, type Semaphore } from "../semaphore.ts";
import type { Store } from "../store.ts";
import { sandboxLimits } from "./sandbox-limits.ts";
import { removeSandboxValues, sandboxStore } from "./sandbox-store.ts";

interface SandboxesParts {
  workspaces: Workspaces;
  store: Store;
  /** The part of this session in what its owner may keep in all sessions. */
  holdings: SessionHoldings;
  newId: () => string;
}

export interface SandboxSession {
  sessionId: string;
  /** ISO times. */
  createdAt: string;
  expiresAt: string;
  files: number;
  bytes: number;
}

const idPrefix = "sandbox_";

/** The sandbox sessions of one owner. Each is a workspace, and ends with it. */
export class Sandboxes {
  readonly #parts: SandboxesParts;
  /** What runs or waits in a session, and ends when that is stopped. Its turn is of one at a time: each sees what those before it wrote. */
  readonly #running = new Map<string, { ends: Set<AbortController>; turn: Semaphore }>();

  constructor(parts: SandboxesParts) {
    this.#parts = parts;
  }

  /** @throws OrchestratorError `too_many_calls` */
  async start(idleMs: number): Promise<SandboxSession> {
    using _room = await this.#parts.holdings.roomForSandbox();
    const id = `${idPrefix}${this.#parts.newId()}`;
    this.#parts.workspaces.create(id, idleMs);
    return this.#show(id);
  }

  count(): number {
    return this.#ids().length;
  }

  list(): SandboxSession[] {
    return this.#ids().map((id) => this.#show(id));
  }

  /** @throws UpstreamError `invalid_arguments` when it is not one of this owner's */
  stop(sessionId: string): void {
    this.#find(sessionId);
    this.#parts.workspaces.remove(sessionId);
    this.forget([sessionId]);
    this.#parts.holdings.report();
  }

  /** These have ended: nothing of them stays, and what runs in them is stopped. */
  forget(ids: readonly string[]): void {
    for (const id of ids) {
      removeSandboxValues(this.#parts.store, id);
      for (const end of this.#running.get(id)?.ends ?? []) end.abort();
    }
  }

  /**
   * Runs `work` in a session, which lasts longer by that, once what was begun there before has ended.
   * @throws UpstreamError `invalid_arguments` when it is not one of this owner's
   */
  async use<T>(
    sessionId: string,
    signal: AbortSignal,
    work: (session: { store: Store; files: RunFiles; signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const { workspaces, store, holdings } = this.#parts;
    this.#find(sessionId);
    // While something runs it is used, and its files are there.
    const { idleMs } = workspaces.use(sessionId, sandboxLimits.runMsMax);
    const stopping = new AbortController();
    const running = this.#running.get(sessionId) ?? { ends: new Set(), turn: createSemaphore(1) };
    this.#running.set(sessionId, running);
    running.ends.add(stopping);
    const ends = AbortSignal.any([signal, stopping.signal]);
    try {
      using _turn = await running.turn.acquire(ends);
      return await work({
        store: sandboxStore(store, sessionId),
        files: { workspaces, mounts: { own: sessionId, folders: { files: sessionWorkspace } }, quota: holdings },
        signal: ends,
      });
    } catch (cause) {
      if (!stopping.signal.aborted) throw cause;
      throw new UpstreamError("cancelled", "The sandbox session was stopped.", { delivery: "answered", cause });
    } finally {
      running.ends.delete(stopping);
      if (running.ends.size === 0) {
        this.#running.delete(sessionId);
        if (idleMs < sandboxLimits.runMsMax && workspaces.find(sessionId)) workspaces.keep(sessionId, idleMs);
      }
    }
  }

  #find(sessionId: string) {
    const found = sessionId.startsWith(idPrefix) ? this.#parts.workspaces.find(sessionId) : undefined;
    if (found) return found;
    const message = `No sandbox session "${named(sessionId)}" of yours, or it has ended. initialize() starts one; session_list() names yours.`;
    throw new UpstreamError("invalid_arguments", message, { delivery: "answered" });
  }

  #ids(): string[] {
    const all = this.#parts.workspaces.all().map(({ id }) => id);
    return all.filter((id) => id.startsWith(idPrefix));
  }

  #show(sessionId: string): SandboxSession {
    const { workspaces } = this.#parts;
    const { createdAt, expiresAt } = this.#find(sessionId);
    return {
      sessionId,
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: new Date(expiresAt).toISOString(),
      files: workspaces.countOf(sessionId),
      bytes: workspaces.bytesOf(sessionId),
    };
  }
}
