import { type Client, SseError } from "@modelcontextprotocol/client";
import { limits } from "../../../core/limits.ts";
import { openDeadline } from "../../../core/mcp/deadline.ts";
import { AnswerTooLarge } from "../../../core/remote/answer-body.ts";
import { type ConnectOptions, connect, type RemoteTransport } from "./connect.ts";
import { SseTransport } from "./transport/sse-transport.ts";

export interface ConnectionOptions extends Omit<ConnectOptions, "onTooLarge"> {
  /** The connection ended, and not by `close` or `retire`. */
  onLost: (connection: RemoteConnection) => void;
}

/** One connection to a remote server, from handshake to close. */
export class RemoteConnection {
  readonly client: Client;
  readonly #transport: RemoteTransport;
  #requests = 0;
  #isClosing = false;
  #endsSession = false;
  #isFlooded = false;
  #ending: Promise<void> | undefined;

  private constructor(client: Client, transport: RemoteTransport) {
    this.client = client;
    this.#transport = transport;
  }

  /** Connects in whichever form the server speaks. Rejects with the SDK's error, and leaves nothing open. */
  static async open({ onLost, ...options }: ConnectionOptions): Promise<RemoteConnection> {
    const flood = { start: () => {} };
    using deadline = openDeadline({
      clock: options.clock,
      signal: new AbortController().signal,
      timeoutMs: limits.catalogFetchMs,
    });
    const { client, transport } = await connect({ ...options, onTooLarge: () => flood.start() }, deadline);
    const connection = new RemoteConnection(client, transport);
    flood.start = () => connection.#flood();
    connection.#watch(onLost);
    return connection;
  }

  /** The server can tell this connection from others, so it may hold state for it. */
  get hasSession(): boolean {
    return this.#transport instanceof SseTransport || this.#transport.sessionId !== undefined;
  }

  /** Keeps the connection open until `work` is done. */
  async request<T>(work: (client: Client) => Promise<T>): Promise<T> {
    this.#requests += 1;
    try {
      return await work(this.client);
    } catch (error) {
      // In `sse` one stream carries all answers: which one was too large is known only if a single request is in flight.
      throw this.#isFlooded && this.#requests === 1 ? new AnswerTooLarge() : error;
    } finally {
      this.#requests -= 1;
      if (this.#isClosing && this.#requests === 0) await this.#end();
    }
  }

  /**
   * Closes when the requests in flight are answered.
   *
   * @param endsSession whether to end the session at the server too
   */
  async retire({ endsSession }: { endsSession: boolean }): Promise<void> {
    this.#isClosing = true;
    this.#endsSession = endsSession;
    if (this.#requests === 0) await this.#end();
  }

  #flood(): void {
    this.#isFlooded = true;
    void this.#end();
  }

  #watch(onLost: (connection: RemoteConnection) => void): void {
    this.client.onclose = () => {
      if (!this.#isClosing) onLost(this);
    };
    this.client.onerror = (error) => {
      // The `sse` stream ended. The SDK would reconnect to a new session as if it were the same one.
      if (SseError.isInstance(error)) void this.#end();
    };
  }

  #end(): Promise<void> {
    this.#ending ??= this.#finish();
    return this.#ending;
  }

  async #finish(): Promise<void> {
    if (this.#endsSession && !(this.#transport instanceof SseTransport)) await this.#transport.endSession();
    await this.client.close();
    // Until the handshake is complete, the client does not close the transport.
    await this.#transport.close();
  }
}
