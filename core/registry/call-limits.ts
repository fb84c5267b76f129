import { limits } from "../limits.ts";
import type { ServerEntry } from "./registry.ts";

export interface CallLimits {
  /** One call, from when its turn has come, without an answer or progress. */
  timeoutMs: number;
  callsPerRun: number;
  /** Counted for a principal, in all its sessions together. */
  callsPerMinute: number;
  /** Calls of a principal in flight on this server at once; further calls wait for their turn. */
  concurrency: number;
}

/*
 * First match wins. They suffice for a task, and stop a loop that went wrong early: whoever knows that a server can take more says so
 * in its entry.
 */
const highSensitivity: CallLimits = { timeoutMs: 5_000, callsPerRun: 10, callsPerMinute: 120, concurrency: 4 };
const usedWhenNamed: CallLimits = { timeoutMs: 7_500, callsPerRun: 20, callsPerMinute: 1_200, concurrency: 8 };
const everyday: CallLimits = { timeoutMs: 10_000, callsPerRun: 50, callsPerMinute: 12_000, concurrency: 32 };

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
