import { DurableObject } from "cloudflare:workers";
import type {
  Account as AccountPort,
  ApprovalIndex,
  Holder,
  Holdings,
  WantedPlaces,
  WantedTokens,
} from "../../core/policy/account.ts";
import { createAccount } from "../../core/policy/account-counts.ts";
import type { HoldingsStore } from "../../core/policy/account-holdings.ts";
import type { RateStore } from "../../core/policy/account-rates.ts";
import { createSharedTimer } from "../../core/shared-timer.ts";
import type { SessionEnv } from "../bindings.ts";
import { systemClock } from "../clock.ts";

type StoredBucket = NonNullable<ReturnType<RateStore["read"]>>;

/** One principal, by its name: what its sessions share. Its rates, and what its sessions keep, outlast a restart. */
export class Account extends DurableObject<SessionEnv> implements AccountPort, ApprovalIndex {
  readonly #counts: AccountPort;

  constructor(ctx: DurableObjectState, env: SessionEnv) {
    super(ctx, env);
    this.#counts = createAccount(createSharedTimer(systemClock), {
      rates: storedRates(ctx.storage.kv),
      holdings: storedHoldings(ctx.storage.kv),
    });
  }

  takeTokens(of: string, wanted: WantedTokens) {
    return this.#counts.takeTokens(of, wanted);
  }

  takePlaces(of: string, wanted: WantedPlaces) {
    return this.#counts.takePlaces(of, wanted);
  }

  returnPlaces(holder: Holder, places: Record<string, number>) {
    return this.#counts.returnPlaces(holder, places);
  }

  keepPlaces(holder: Holder, places: Record<string, number>) {
    return this.#counts.keepPlaces(holder, places);
  }

  hold(session: string, holdings: Holdings) {
    return this.#counts.hold(session, holdings);
  }

  async noteApproval(session: string, { id, state }: { id: string; state: "waits" | "ended" }): Promise<void> {
    const { kv } = this.ctx.storage;
    if (state === "ended") kv.delete(`${approvalPrefix}${id}`);
    else kv.put(`${approvalPrefix}${id}`, session);
    const [oldest] = kv.list({ prefix: approvalPrefix, limit: approvalsNotedMax + 1 });
    if (oldest && [...kv.list({ prefix: approvalPrefix })].length > approvalsNotedMax) kv.delete(oldest[0]);
  }

  async sessionsWithApprovals(): Promise<string[]> {
    return [...new Set([...this.ctx.storage.kv.list<string>({ prefix: approvalPrefix })].map(([, session]) => session))];
  }
}

const approvalPrefix = "approval/";
/** Of more, some are not listed, and are found by their address. */
const approvalsNotedMax = 500;

const prefix = "rate/";

function storedRates(kv: DurableObjectStorage["kv"]): RateStore {
  const buckets = new Map(
    [...kv.list<StoredBucket>({ prefix })].map(([key, bucket]) => [key.slice(prefix.length), bucket] as const),
  );
  return {
    read: (of) => buckets.get(of),
    write(of, bucket) {
      buckets.set(of, bucket);
      kv.put(prefix + of, bucket);
    },
    remove(of) {
      buckets.delete(of);
      kv.delete(prefix + of);
    },
    all: () => buckets,
  };
}

const holdingsPrefix = "holdings/";

function storedHoldings(kv: DurableObjectStorage["kv"]): HoldingsStore {
  return {
    write: (session, holdings) => kv.put(holdingsPrefix + session, holdings),
    remove: (session) => void kv.delete(holdingsPrefix + session),
    *all() {
      for (const [key, holdings] of kv.list<Holdings>({ prefix: holdingsPrefix })) {
        yield [key.slice(holdingsPrefix.length), holdings];
      }
    },
  };
}
