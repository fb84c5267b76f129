import { limits } from "../limits.ts";
import type { ServerEntry } from "./registry.ts";

export interface CallLimits {
  /** One call, from when its turn has come. The wait for its turn is bounded by the run alone. */
  timeoutMs: number;
  callsPerRun: number;
  callsPerMinute: number;
  /** Calls in flight on this server at once; further calls wait for their turn. */
  concurrency: number;
}

/*
 * First match wins. A server that is sensitive or used only when named gets enough calls for a task, and not for a loop that
 * went wrong; an everyday server gets enough for a loop over a thousand items.
 */
const highSensitivity: CallLimits = { timeoutMs: 30_000, callsPerRun: 50, callsPerMinute: 120, concurrency: 4 };
const usedWhenNamed: CallLimits = { timeoutMs: 30_000, callsPerRun: 500, callsPerMinute: 1_200, concurrency: 8 };
const everyday: CallLimits = { timeoutMs: 30_000, callsPerRun: 2_000, callsPerMinute: 12_000, concurrency: 32 };

/** The limits of calls to a server: those of its class, overridden by those of its registry entry. */
export function callLimitsOf(server: ServerEntry): CallLimits {
  const own = Object.fromEntries(Object.entries(server.limits).filter(([, value]) => value !== undefined));
  return { ...classOf(server), ...own };
}

/** The longest wait for a server's tools, its start included. A server that is still starting reports progress. */
export function listingTotalMs({ limits: own }: Pick<ServerEntry, "limits">): number {
  return (own.startTimeoutMs ?? limits.installedStartMs) + limits.catalogFetchMs;
}

function classOf(server: ServerEntry): CallLimits {
  if (server.sensitivity === "high") return highSensitivity;
  return server.visibility === "default" ? everyday : usedWhenNamed;
}
