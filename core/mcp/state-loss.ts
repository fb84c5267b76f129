import { UpstreamError } from "../errors.ts";

export interface HeldStateOptions {
  /** Its id. */
  server: string;
  /** Its registry entry says that it keeps something between calls. Without that nothing is held, and nothing can be lost. */
  isStateful: boolean;
  /** What the next call does, as the error says it: "starts it afresh", "begins a new session". */
  nextCall: string;
  /** Why state is gone that was held before this object was there; the first call is told. Reads after "it". */
  lost?: string | undefined;
  /** Writes down whether there is anything whose loss a caller would have to be told, where that has to outlive this object. */
  remember?: (mayBeLost: boolean) => void;
}

/**
 * What a stateful server keeps between calls, as far as its callers rely on it: an open page, a login, a transaction. When that is gone
 * the next call fails, once, and says so. A silent new start would let a program go on as if everything were still there.
 */
export class HeldState {
  readonly #options: HeldStateOptions;
  #isHeld = false;
  #lost: string | undefined;

  constructor(options: HeldStateOptions) {
    this.#options = options;
    this.#lost = options.lost;
  }

  /** The server was called: it may hold something from now on. */
  use(): void {
    if (!this.#options.isStateful || this.#isHeld) return;
    this.#isHeld = true;
    this.#options.remember?.(true);
  }

  /** What it held is gone, and the next call is told. The reason reads after "it" and is a whole sentence. */
  lose(reason: string): void {
    this.#lost = this.lossBy(reason);
    this.#isHeld = false;
  }

  /** What it held is gone, and whoever relied on it knows. */
  forget(): void {
    this.#isHeld = false;
    if (this.#lost === undefined) this.#options.remember?.(false);
  }

  /** Why a caller finds nothing of what was held, if this reason ends it now. Undefined when nothing was. */
  lossBy(reason: string): string | undefined {
    return this.#lost ?? (this.#isHeld ? reason : undefined);
  }

  /** @throws UpstreamError once for each loss, before anything is sent */
  tell(): void {
    if (this.#lost !== undefined) throw this.refusal(this.#lost);
  }

  /** The error for a caller that relied on what was held. Once it is thrown the loss has been told. */
  refusal(reason: string): UpstreamError {
    const { server, nextCall, remember } = this.#options;
    this.#lost = undefined;
    if (!this.#isHeld) remember?.(false);
    return stateLost(server, { because: `it ${reason}`, nextCall });
  }
}

/** The failure of the one call that is told: nothing was sent. */
export function stateLost(server: string, { because, nextCall }: { because: string; nextCall: string }): UpstreamError {
  const message = `${server} has lost what it held since the last call: ${because} The next call ${nextCall}, with nothing open.`;
  return new UpstreamError("server_unavailable", message, { server, delivery: "not_sent", retryable: false });
}
