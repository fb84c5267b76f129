import type { UpstreamError } from "../../../core/errors.ts";
import { waitFor } from "../../../core/mcp/deadline.ts";
import type { PeerRequest, Work } from "../../../core/mcp/peer.ts";
import { HeldState, isUsedLately } from "../../../core/mcp/state-loss.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { SessionRefusal } from "../../../core/remote/remote-fetch.ts";
import type { Store } from "../../../core/store.ts";
import type { ServerLogin } from "../oauth/server-login.ts";
import type { RemoteConnection } from "./connection.ts";
import { isRefusedByStatus, statusOf, toUpstreamError } from "./failure.ts";

export interface RemoteSessionOptions {
  server: ServerEntry;
  login: ServerLogin;
  /** Outlives this object; the connection does not. */
  store: Store;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Rejects with an UpstreamError. */
  open: (onLost: (connection: RemoteConnection) => void) => Promise<RemoteConnection>;
}

/**
 * The MCP session with a server: one connection, opened by the first request and kept while the server cannot be reached, because the
 * server's state belongs to the MCP session, not to the network connection.
 *
 * When the server no longer knows the session, a new one is opened and the refused request is repeated in it, once. A stateful server
 * has lost its state with the session: then the call fails and says so.
 *
 * Some servers refuse a session that they do not know as if they were broken, or as if a login were missing. So after the same such
 * refusal twice in a row the session is given up, once, and the next request opens a new one.
 */
export class RemoteSession {
  readonly #options: RemoteSessionOptions;
  /** Stores when the server was last called that may hold state whose loss has not been reported. */
  readonly #stateKey: string;
  readonly #state: HeldState;
  /** Connections over which a stateful server was called, so that it may hold state for them. */
  readonly #used = new WeakSet<RemoteConnection>();
  #connecting: Promise<RemoteConnection> | undefined;
  #connection: RemoteConnection | undefined;
  #isReachable = false;
  /** Refusals with the same HTTP status in a row. `isLast`: giving up the session has not helped. */
  #refusals = { status: 0, count: 0, isLast: false };
  /** For the run's log of the next request: why it opens a new session. */
  #givenUp: string | undefined;

  constructor(options: RemoteSessionOptions) {
    this.#options = options;
    const { server, store, now } = options;
    this.#stateKey = `remote-state/${server.id}`;
    const usedAt = store.read(this.#stateKey);
    this.#state = new HeldState({
      server: server.id,
      isStateful: server.stateful,
      nextCall: "begins a new session",
      now,
      lost:
        server.stateful && typeof usedAt === "number" && isUsedLately(usedAt, now())
          ? "was disconnected when this orchestrator restarted or was idle."
          : undefined,
      remember: (mayBeLost) => (mayBeLost ? store.write(this.#stateKey, now()) : store.remove(this.#stateKey)),
    });
  }

  /** Whether the last request was answered. */
  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** Rejects with an UpstreamError. */
  async request<T>(work: Work<T>, request: PeerRequest): Promise<T> {
    const { server, login } = this.#options;
    if (request.kind !== "list") this.#state.throwIfLost();
    const noLogin = login.refusal();
    if (noLogin !== undefined) throw noLogin;
    if (this.#givenUp !== undefined && request.onLog !== undefined) {
      request.onLog({ level: "warn", message: `${server.id} ${this.#givenUp} A new session is opened.` });
      this.#givenUp = undefined;
    }
    const first = await this.#attempt(work, request);
    if (!(first instanceof SessionRefusal)) return first.answer;
    const message = `${server.id} ${forgotten} A new session was opened, and the refused request was repeated in it.`;
    request.onLog?.({ level: "warn", message });
    const second = await this.#attempt(work, request);
    if (!(second instanceof SessionRefusal)) return second.answer;
    throw this.#failure(second, request, { isConnecting: false });
  }

  /** Requests in flight are still answered; then the session is ended at the server. */
  close(): void {
    const connecting = this.#connecting;
    this.#forget();
    this.#options.store.remove(this.#stateKey);
    // A failed connect leaves nothing to close.
    connecting?.then((connection) => connection.retire({ endsSession: true })).catch(() => undefined);
  }

  /** Resolves with a SessionRefusal when the request was not executed and may be repeated. Rejects with an UpstreamError. */
  async #attempt<T>(work: Work<T>, request: PeerRequest): Promise<{ answer: T } | SessionRefusal> {
    const isCall = request.kind !== "list";
    let connection: RemoteConnection | undefined;
    try {
      this.#connecting ??= this.#open();
      connection = await waitFor(this.#connecting, request.deadline.signal);
      const answer = await connection.request(work);
      this.#isReachable = true;
      this.#refusals = { status: 0, count: 0, isLast: false };
      if (isCall) this.#use(connection);
      return { answer };
    } catch (error) {
      if (connection === undefined) throw this.#failure(error, request, { isConnecting: true });
      if (error instanceof SessionRefusal) {
        this.#lose(connection, forgotten);
        if (isCall && this.#used.has(connection) && this.#state.isReliedOn) throw this.#state.refusal(forgotten);
        return error;
      }
      if (isCall) this.#use(connection);
      if (isRefusedByStatus(error)) this.#lose(connection, "refused a request of the session.");
      this.#countRefusal(connection, statusOf(error));
      throw this.#failure(error, request, { isConnecting: false });
    }
  }

  #use(connection: RemoteConnection): void {
    // Without an MCP session, a server's state does not depend on the connection.
    if (!this.#options.server.stateful || !connection.hasSession) return;
    this.#used.add(connection);
    this.#state.use();
  }

  #open(): Promise<RemoteConnection> {
    const connecting = this.#options.open((connection) => this.#lose(connection, "closed the connection."));
    connecting.then(
      (connection) => {
        if (this.#connecting !== connecting) return;
        this.#connection = connection;
        this.#isReachable = true;
      },
      () => {
        if (this.#connecting === connecting) this.#forget();
      },
    );
    return connecting;
  }

  #lose(connection: RemoteConnection, reason: string): void {
    if (this.#connection !== connection) return;
    console.warn({ event: "session_lost", server: this.#options.server.id, reason: `it ${reason}` });
    if (this.#used.has(connection)) this.#state.lose(reason);
    this.#forget();
    connection.retire({ endsSession: false }).catch(() => undefined);
  }

  /** Gives the session up after the second refusal of the same kind in a row. */
  #countRefusal(connection: RemoteConnection, status: number | undefined): void {
    if (this.#connection !== connection || !connection.hasSession || status === undefined) return;
    if (status < 500 && status !== 401 && status !== 403) return;
    const { count, isLast } = this.#refusals;
    this.#refusals = { status, count: status === this.#refusals.status ? count + 1 : 1, isLast };
    if (this.#refusals.count < refusalsMax || isLast) return;
    this.#refusals.isLast = true;
    this.#givenUp = `refused ${refusalsMax} requests in a row with HTTP status ${status}, as servers do that have forgotten the session.`;
    this.#lose(connection, this.#givenUp);
  }

  #forget(): void {
    this.#connecting = undefined;
    this.#connection = undefined;
    this.#isReachable = false;
  }

  #failure(error: unknown, request: PeerRequest, { isConnecting }: { isConnecting: boolean }): UpstreamError {
    const { server, login } = this.#options;
    const tool = "tool" in request ? request.tool : undefined;
    const failure = toUpstreamError(error, { server, login, tool, deadline: request.deadline, isConnecting });
    if (failure.code === "server_unavailable") this.#isReachable = false;
    return failure;
  }
}

const refusalsMax = 2;

/** Reads after the server's name. */
const forgotten = "no longer knows the session with this orchestrator.";
