import type { Clock } from "../clock.ts";
import { OrchestratorError } from "../errors.ts";
import { argumentsInFlightMessage, callsInFlightMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";
import { callLimitsOf } from "../registry/call-limits.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { createSemaphore, type Semaphore } from "../semaphore.ts";
import { type Bucket, takeToken } from "../token-bucket.ts";

/** What outlives a run, and a registry: one true count per session. */
export interface SessionTraffic {
  /** By the id of the server, whatever stands behind it: an entry that changed has no fresh minute. */
  buckets: Map<string, Bucket>;
  /** By id and places: an entry with another limit is at it from the next call on. */
  semaphores: Map<string, Semaphore>;
  /** Where runs wait that the platform would not hold at once. */
  runs: Semaphore;
}

export function createTraffic(): SessionTraffic {
  return { buckets: new Map(), semaphores: new Map(), runs: createSemaphore(limits.runsAtOnce) };
}

/** How many calls one run may make, and when. */
export interface Quota {
  /**
   * Counts one call, which is refused beyond a bound, and holds a place for it until disposed.
   * @param argsChars the length of its arguments, which are held in memory until it is answered
   * @throws OrchestratorError
   */
  enter(server: ServerEntry, argsChars: number): Disposable;
  /** Resolves when the server has room for one more; it is taken until disposed. */
  turn(server: ServerEntry, signal: AbortSignal): Promise<Disposable>;
  /** Whether the server's rate has room for a call made again. */
  takeRate(server: ServerEntry): boolean;
}

export function createQuota({ traffic, clock }: { traffic: SessionTraffic; clock: Clock }): Quota {
  const callsMade = new Map<string, number>();
  let inFlight = 0;
  let charsInFlight = 0;

  /** Every call that waits is held in memory, its arguments with it. */
  function takePlace(server: ServerEntry, argsChars: number): Disposable {
    if (inFlight >= limits.callsInFlightMax) {
      throw new OrchestratorError("too_many_calls", callsInFlightMessage, { server: server.id });
    }
    if (charsInFlight > 0 && charsInFlight + argsChars > limits.argumentCharsInFlightMax) {
      throw new OrchestratorError("too_many_calls", argumentsInFlightMessage, { server: server.id });
    }
    inFlight += 1;
    charsInFlight += argsChars;
    return {
      [Symbol.dispose]() {
        inFlight -= 1;
        charsInFlight -= argsChars;
      },
    };
  }

  function countCall(server: ServerEntry): void {
    const made = callsMade.get(server.id) ?? 0;
    if (made >= callLimitsOf(server).callsPerRun) throw overCount(server);
    callsMade.set(server.id, made + 1);
  }

  return {
    enter(server, argsChars) {
      const place = takePlace(server, argsChars);
      try {
        countCall(server);
        const waitMs = takeRate(server, { traffic, now: clock.now() });
        if (waitMs > 0) throw overRate(server, waitMs);
        return place;
      } catch (error) {
        place[Symbol.dispose]();
        throw error;
      }
    },
    turn: (server, signal) => semaphoreOf(server, traffic).acquire(signal),
    takeRate: (server) => takeRate(server, { traffic, now: clock.now() }) === 0,
  };
}

function overCount(server: ServerEntry): OrchestratorError {
  return new OrchestratorError(
    "too_many_calls",
    `A run may call ${server.id} ${callLimitsOf(server).callsPerRun} times; this was one more.`,
    { server: server.id },
  );
}

function overRate(server: ServerEntry, waitMs: number): OrchestratorError {
  return new OrchestratorError(
    "rate_limited",
    `${server.id} takes ${callLimitsOf(server).callsPerMinute} calls a minute from this session. The next one is free in ${waitMs} ms.`,
    { server: server.id },
  );
}

/** Takes a call out of the server's minute. Returns how long until there is room for one; 0 when it was taken. */
function takeRate(server: ServerEntry, { traffic, now }: { traffic: SessionTraffic; now: number }): number {
  const { callsPerMinute: perMinute } = callLimitsOf(server);
  const { bucket, waitMs } = takeToken(traffic.buckets.get(server.id), { perMinute, now });
  traffic.buckets.set(server.id, bucket);
  return waitMs;
}

function semaphoreOf(server: ServerEntry, { semaphores }: SessionTraffic): Semaphore {
  const { concurrency } = callLimitsOf(server);
  const key = `${server.id} ${concurrency}`;
  const existing = semaphores.get(key);
  if (existing) return existing;
  const semaphore = createSemaphore(concurrency);
  semaphores.set(key, semaphore);
  return semaphore;
}
