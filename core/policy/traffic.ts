import type { OrchestratorError } from "../errors.ts";
import { isSavedPrograms } from "../registry/allow-list.ts";
import { callLimitsOf } from "../registry/call-limits.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { createAccount } from "./account-counts.ts";
import { policyLimits } from "./policy-limits.ts";
import { RateShare } from "./rate-share.ts";
import { refusal } from "./rules.ts";
import { SessionPlaces, type SessionPlacesParts } from "./session-places.ts";

/** What outlives a run, and a registry: a session's part of what its principal may do. */
export interface Traffic {
  /**
   * Waits until session and principal have room for one more run, which has ended when it is disposed.
   * @throws OrchestratorError `rate_limited`, `cancelled`
   */
  enterRun(signal: AbortSignal): Promise<Disposable>;
  /** Takes a call out of the server's minute. Returns how long until there is room for one; 0 when it was taken. */
  takeRate(server: ServerEntry): Promise<number>;
  /**
   * Resolves when the server has room for one more call; it is taken until disposed.
   * @throws OrchestratorError `rate_limited`, `cancelled`
   */
  takePlace(server: ServerEntry, signal: AbortSignal): Promise<Disposable>;
}

/** Without an account the session has one of its own. */
type TrafficParts = Omit<SessionPlacesParts, "account"> & Partial<Pick<SessionPlacesParts, "account">>;

export function createTraffic(parts: TrafficParts): Traffic {
  const { clock, account = createAccount(clock) } = parts;
  const rates = new Map<string, RateShare>();
  const places = new SessionPlaces({ ...parts, account });

  function rateOf(of: string): RateShare {
    const share = rates.get(of) ?? new RateShare({ of, account, clock });
    rates.set(of, share);
    return share;
  }

  return {
    async enterRun(signal) {
      const waitMs = await rateOf("runs").take(policyLimits.runsPerMinute);
      if (waitMs > 0) throw tooManyRuns(waitMs);
      return places.enterRun(signal);
    },
    takeRate: (server) => rateOf(`calls/${server.id}`).take(callLimitsOf(server).callsPerMinute),
    // Saved programs wait for their turns where they run, by depth: a place here would be asked of the account for nothing.
    takePlace: async (server, signal) =>
      isSavedPrograms(server)
        ? { [Symbol.dispose]() {} }
        : places.of(server).acquire({ most: callLimitsOf(server).concurrency }, signal),
  };
}

function tooManyRuns(retryAfterMs: number): OrchestratorError {
  const limit = policyLimits.runsPerMinute;
  return refusal(
    { rule: "runsPerMinute", limit, retryAfterMs },
    { message: `You may start ${limit} runs a minute, in all sessions together. The next one is free in ${retryAfterMs} ms.` },
  );
}
