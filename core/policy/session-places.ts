import type { Clock } from "../clock.ts";
import type { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Account, Holder } from "./account.ts";
import { PlaceShare, type PlaceShareParts } from "./place-share.ts";
import { policyLimits } from "./policy-limits.ts";
import { refusal } from "./rules.ts";

export interface SessionPlacesParts {
  clock: Clock;
  account: Account;
  /** Left out where no other session has the same account. */
  holder?: Holder;
  /** Goes on by itself. Must not reject. */
  inBackground?: (work: Promise<void>) => void;
}

/** A session's places: for its runs, and at all servers, which it keeps from other sessions only while programs run. */
export class SessionPlaces {
  readonly #parts: SessionPlacesParts;
  readonly #shares = new Map<string, PlaceShare>();
  readonly #runs: PlaceShare;
  #running = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #stopRenewal = () => {};

  constructor(parts: SessionPlacesParts) {
    this.#parts = parts;
    this.#runs = this.#shareOf({
      of: runsKey,
      shares: policyLimits.runShares,
      queue: { max: policyLimits.runsQueuedMax, ms: policyLimits.runsQueuedMs },
      refuse: tooManyRuns,
    });
  }

  /**
   * Waits until there is room for one more run, which has ended when it is disposed.
   * @throws OrchestratorError `rate_limited`, `cancelled`
   */
  async enterRun(signal: AbortSignal): Promise<Disposable> {
    const place = await this.#runs.acquire({ most: policyLimits.runsAtOnce, here: limits.runsAtOnce }, signal);
    this.#runStarts();
    return {
      [Symbol.dispose]: () => {
        place[Symbol.dispose]();
        this.#runEnds();
      },
    };
  }

  of(server: ServerEntry): PlaceShare {
    const known = this.#shares.get(server.id);
    if (known) return known;
    const share = this.#shareOf({
      of: server.id,
      shares: policyLimits.placeShares,
      queue: { max: policyLimits.callsQueuedMax, ms: policyLimits.callsQueuedMs },
      refuse: (most) => tooLong(server, most),
    });
    this.#shares.set(server.id, share);
    return share;
  }

  #shareOf(parts: Pick<PlaceShareParts, "of" | "shares" | "queue" | "refuse">): PlaceShare {
    const { account, clock, holder = alone } = this.#parts;
    return new PlaceShare({ ...parts, account, clock, holder, giveBack: (places) => this.#giveBack(places) });
  }

  #runStarts(): void {
    this.#running += 1;
    if (this.#parts.holder === undefined) return;
    if (this.#running === 1) this.#renewLater();
    // Of runs that follow each other none may last until the timer.
    if (this.#parts.clock.now() - this.#renewedAt >= policyLimits.placeRenewalMs) this.#renew();
  }

  #runEnds(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    this.#stopRenewal();
    this.#giveBack(Object.assign({}, ...[...this.#shares.values()].map((share) => share.returnIdle())));
  }

  #giveBack(places: Record<string, number>): void {
    const { account, holder = alone, inBackground = () => {} } = this.#parts;
    // If they are lost on the way, they are free once the account has not heard of this session for a while.
    if (Object.keys(places).length > 0) inBackground(account.returnPlaces(holder, places).catch(() => undefined));
  }

  #renewLater(): void {
    this.#stopRenewal = this.#parts.clock.after(policyLimits.placeRenewalMs, () => {
      this.#renew();
      this.#renewLater();
    });
  }

  /** Says what it holds, and hears whether others wait for it. */
  #renew(): void {
    const { account, clock, holder = alone, inBackground = () => {} } = this.#parts;
    this.#renewedAt = clock.now();
    const all = [[runsKey, this.#runs] as const, ...this.#shares];
    const held = Object.fromEntries(all.flatMap(([of, { held: count }]) => (count === undefined ? [] : [[of, count]])));
    if (Object.keys(held).length === 0) return;
    const hear = (fair: Readonly<Record<string, number>>) => {
      for (const [of, share] of all) if (of in held) share.mayKeep(fair[of] ?? Number.POSITIVE_INFINITY);
    };
    inBackground(account.keepPlaces(holder, held).then(hear, () => undefined));
  }
}

/** No server has this id. */
const runsKey = "runs of programs";

const alone: Holder = { session: "", life: "" };

/** How long it takes until a place is free depends on the calls and the programs that hold them. */
const guessedMs = 1_000;

function tooManyRuns(most: number): OrchestratorError {
  const where = most === policyLimits.runsAtOnce ? "You run at most" : "A session runs at most";
  const { runsQueuedMs, runsQueuedMax } = policyLimits;
  return refusal(
    { rule: "runsAtOnce", limit: most, retryAfterMs: guessedMs },
    {
      message: `${where} ${most} programs at once. This one was not started: it would have waited for more than ${runsQueuedMs / 1_000} s, or behind ${runsQueuedMax} others. Start fewer at once.`,
    },
  );
}

function tooLong({ id }: ServerEntry, most: number): OrchestratorError {
  const { callsQueuedMs, callsQueuedMax } = policyLimits;
  return refusal(
    { rule: "limits.concurrency", limit: most, retryAfterMs: guessedMs },
    {
      message: `${id} takes ${most} calls at once from you, in all sessions together. This one was not sent: it would have waited for more than ${callsQueuedMs / 1_000} s, or behind ${callsQueuedMax} others.`,
      server: id,
    },
  );
}
