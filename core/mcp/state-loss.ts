import { UpstreamError } from "../errors.ts";

export interface HeldStateOptions {
  /** The server's id. */
  server: string;
  /** `stateful` of its registry entry. If false, there is no state to lose. */
  isStateful: boolean;
  /** What the next call does, for the error: "starts it afresh", "begins a new session". */
  nextCall: string;
  /** Why state from before this object existed is lost, if it is: the first call fails with it. Reads after "it". */
  lost?: string | undefined;
  /** Stores whether there is state whose loss must be reported, if that has to outlive this object. */
  remember?: (mayBeLost: boolean) => void;
}

/**
 * Tracks the state that a stateful server keeps between calls: an open page, a login, a transaction. When it is lost, the next call fails
 * once and says so. After a silent restart, a program would go on as if its state were still there.
 */
export class HeldState {
  readonly #options: HeldStateOptions;
  #isHeld = false;
  #lost: string | undefined;

  constructor(options: HeldStateOptions) {
    this.#options = options;
    this.#lost = options.lost;
  }

  /** A call is made: from now on the server may hold state. */
  use(): void {
    if (!this.#options.isStateful || this.#isHeld) return;
    this.#isHeld = true;
    this.#options.remember?.(true);
  }

  /** The state is lost, and the next call fails for it. The reason reads after "it" and ends with a full stop. */
  lose(reason: string): void {
    this.#lost = this.lossBy(reason);
    this.#isHeld = false;
  }

  /** The state is lost, and the callers already know from their own failures. */
  forget(): void {
    this.#isHeld = false;
    if (this.#lost === undefined) this.#options.remember?.(false);
  }

  /** The reason to report if the state ends now for this reason: an earlier loss comes first. Undefined when there is nothing to lose. */
  lossBy(reason: string): string | undefined {
    return this.#lost ?? (this.#isHeld ? reason : undefined);
  }

  /** @throws UpstreamError once per loss; nothing has been sent */
  throwIfLost(): void {
    if (this.#lost !== undefined) throw this.refusal(this.#lost);
  }

  /** The error for a caller that relied on the state. It counts as reported from here. */
  refusal(reason: string): UpstreamError {
    const { server, nextCall, remember } = this.#options;
    this.#lost = undefined;
    if (!this.#isHeld) remember?.(false);
    return stateLost(server, { because: `it ${reason}`, nextCall });
  }
}

/** The error of the one call that reports the loss. Nothing was sent. */
export function stateLost(server: string, { because, nextCall }: { because: string; nextCall: string }): UpstreamError {
  const message = `${server} lost its state since the last call: ${because} The next call ${nextCall}, with nothing open.`;
  return new UpstreamError("server_unavailable", message, { server, delivery: "not_sent", retryable: false });
}
