import { UpstreamError } from "../errors.ts";
import { limits } from "../limits.ts";

export interface HeldStateOptions {
  /** The server's id. */
  server: string;
  /** `stateful` of its registry entry. If false, there is no state to lose. */
  isStateful: boolean;
  /** What the next call does, for the error: "starts it afresh", "begins a new session". */
  nextCall: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Why state from before this object existed is lost, if it is: the first call fails with it. Reads after "it". */
  lost?: string | undefined;
  /**
   * Stores whether there is state whose loss must be reported, if that has to outlive this object. Called again while the state is used,
   * so that the time of its last use can be stored too.
   */
  remember?: (mayBeLost: boolean) => void;
}

/** Whether state that was last used at this time is still relied on, so that its loss must be reported. */
export function isUsedLately(usedAt: number, now: number): boolean {
  return now - usedAt <= limits.stateReliedOnMs;
}

/** The time of use is stored no more often than this. */
const rememberAgainMs = 60_000;

/**
 * Tracks the state that a stateful server keeps between calls: an open page, a login, a transaction. When it is lost, the next call fails
 * once and says so: after a silent restart, a program would go on as if its state were still there. Of state that nobody has used for
 * `stateReliedOnMs` nothing is said, because the program that calls next is another one.
 */
export class HeldState {
  readonly #options: HeldStateOptions;
  #isHeld = false;
  #lost: string | undefined;
  #usedAt: number;
  #rememberedAt = Number.NEGATIVE_INFINITY;

  constructor(options: HeldStateOptions) {
    this.#options = options;
    this.#lost = options.lost;
    this.#usedAt = options.now();
  }

  /** A call is made: from now on the server may hold state. */
  use(): void {
    const { isStateful, now, remember } = this.#options;
    if (!isStateful) return;
    this.#usedAt = now();
    if (this.#isHeld && this.#usedAt - this.#rememberedAt < rememberAgainMs) return;
    this.#isHeld = true;
    this.#rememberedAt = this.#usedAt;
    remember?.(true);
  }

  /** Whether a caller may still rely on the state. */
  get isReliedOn(): boolean {
    return isUsedLately(this.#usedAt, this.#options.now());
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

  /** The reason to report if the state ends now for this reason: an earlier loss comes first. Undefined when nobody has to be told. */
  lossBy(reason: string): string | undefined {
    if (!this.isReliedOn) return undefined;
    return this.#lost ?? (this.#isHeld ? reason : undefined);
  }

  /** @throws UpstreamError once per loss; nothing has been sent */
  throwIfLost(): void {
    if (this.#lost === undefined) return;
    const refusal = this.refusal(this.#lost);
    if (this.isReliedOn) throw refusal;
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
