import type { Client, RequestOptions } from "@modelcontextprotocol/client";
import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { type Deadline, waitFor } from "../../../core/mcp/deadline.ts";
import type { UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import type { Store } from "../../../core/store.ts";
import type { HttpConnection } from "./connection.ts";
import { isRefusedByStatus } from "./failure.ts";
import { SessionRefusal } from "./transport/remote-fetch.ts";

export interface HttpSessionOptions {
  server: ServerEntry;
  /** Outlives this object, which the connection does not. */
  store: Store;
  /** Rejects with an UpstreamError. */
  open: (onLost: (connection: HttpConnection) => void) => Promise<HttpConnection>;
}

/** Something asked of the server over one connection; it may be asked again over another. */
export type Work<T> = (client: Client, options: RequestOptions) => Promise<T>;

export interface RequestKind {
  deadline: Deadline;
  /** It may leave something behind on the server, or rely on what is there. */
  isCall?: boolean;
  onLog?: UpstreamCallOptions["onLog"];
}

/**
 * What a server and we have in common from the first request on: one connection, made by whoever comes first and kept however often
 * the server cannot be reached in between, for what it holds hangs on the session and not on the network.
 *
 * A session that the server has forgotten is begun anew, once, and what was refused for it asked for once more. What a stateful
 * server held is gone with the session: then the call fails and says so.
 */
export class HttpSession {
  readonly #options: HttpSessionOptions;
  /** Under it stands whether a stateful server may hold something that no caller was told the loss of. */
  readonly #key: string;
  #connecting: Promise<HttpConnection> | undefined;
  #connection: HttpConnection | undefined;
  #isReached = false;
  /** Those over which a stateful server was called and may hold something since. */
  readonly #used = new WeakSet<HttpConnection>();
  /** Why what a stateful server held is gone, until a caller was told. */
  #lost: string | undefined;

  constructor(options: HttpSessionOptions) {
    this.#options = options;
    const { server, store } = options;
    this.#key = `remote-state/${server.id}`;
    if (server.stateful && store.read(this.#key) === true) this.#lost = "was left while this orchestrator rested.";
  }

  /** It answered last. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /**
   * Never a silent new start: whoever relies on what was there must learn that it is gone.
   *
   * @throws UpstreamError when what the server held is gone and nobody has been told
   */
  tellLoss(): void {
    if (this.#lost !== undefined) throw this.#loss(this.#lost);
  }

  /**
   * Rejects with what the SDK threw, with an UpstreamError when nothing was asked for, and with the signal's reason when that did not
   * get as far either.
   */
  async request<T>(work: Work<T>, kind: RequestKind): Promise<T> {
    const connection = await this.#connect(kind.deadline);
    try {
      return await this.#perform(work, connection, kind);
    } catch (error) {
      if (!(error instanceof SessionRefusal)) throw error;
      if (kind.isCall && this.#used.has(connection)) throw this.#loss(forgotten);
    }
    const { id } = this.#options.server;
    kind.onLog?.({ level: "warn", message: `${id} ${forgotten} A new one was begun, and what it had refused asked for again.` });
    return this.#perform(work, await this.#connect(kind.deadline), kind);
  }

  /** The server could not be reached. The session may outlive that. */
  missed(): void {
    this.#isReached = false;
  }

  /** Calls under way are answered; then the server is told. */
  close(): void {
    const connecting = this.#connecting;
    this.#forget();
    this.#options.store.remove(this.#key);
    // One that never came to be needs no closing.
    connecting?.then((connection) => connection.retire({ endsSession: true })).catch(() => undefined);
  }

  async #perform<T>(work: Work<T>, connection: HttpConnection, { deadline, isCall }: RequestKind): Promise<T> {
    const wait = { signal: deadline.signal, timeout: limits.sdkTimeoutMs };
    try {
      const answer = await connection.request((client) => work(client, wait));
      this.#isReached = true;
      if (isCall) this.#use(connection);
      return answer;
    } catch (error) {
      if (error instanceof SessionRefusal) this.#lose(connection, forgotten);
      else if (isCall) this.#use(connection);
      if (isRefusedByStatus(error)) this.#lose(connection, "refused a request of the session.");
      throw error;
    }
  }

  #use(connection: HttpConnection): void {
    const { server, store } = this.#options;
    // What a server without sessions holds, any connection finds again.
    if (!server.stateful || !connection.hasSession || this.#used.has(connection)) return;
    this.#used.add(connection);
    store.write(this.#key, true);
  }

  async #connect({ signal }: Deadline): Promise<HttpConnection> {
    this.#connecting ??= this.#open();
    try {
      return await waitFor(this.#connecting, signal);
    } catch (error) {
      throw error instanceof UpstreamError ? error : new NotConnected("the wait ended first", { cause: error });
    }
  }

  #open(): Promise<HttpConnection> {
    const connecting = this.#options.open((connection) => this.#lose(connection, "closed the connection."));
    connecting.then(
      (connection) => {
        if (this.#connecting !== connecting) return;
        this.#connection = connection;
        this.#isReached = true;
      },
      () => {
        if (this.#connecting === connecting) this.#forget();
      },
    );
    return connecting;
  }

  #lose(connection: HttpConnection, reason: string): void {
    if (this.#connection !== connection) return;
    console.warn({ event: "session_lost", server: this.#options.server.id, reason: `it ${reason}` });
    if (this.#used.has(connection)) this.#lost = reason;
    this.#forget();
    connection.retire({ endsSession: false }).catch(() => undefined);
  }

  /** To be thrown: who calls has been told then. */
  #loss(reason: string): UpstreamError {
    const { server, store } = this.#options;
    const { id } = server;
    this.#lost = undefined;
    store.remove(this.#key);
    const message = `${id} has lost what it held since the last call: it ${reason} The next call begins a new session, with nothing open.`;
    return new UpstreamError("server_unavailable", message, { server: id, delivery: "not_sent", retryable: false });
  }

  #forget(): void {
    this.#connecting = undefined;
    this.#connection = undefined;
    this.#isReached = false;
  }
}

/** The wait ended before there was a connection. */
export class NotConnected extends Error {
  override readonly name = "NotConnected";
}

/** Reads after the server's name. */
const forgotten = "no longer knows the session with this orchestrator.";
