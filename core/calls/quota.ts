import { argumentsInFlightMessage, callsInFlightMessage } from "../limit-messages.ts";
import { limits } from "../limits.ts";
import { refusal } from "../policy/rules.ts";
import type { Traffic } from "../policy/traffic.ts";
import { callLimitsOf } from "../registry/call-limits.ts";
import type { ServerEntry } from "../registry/registry.ts";

/** How many calls one run may make, and when. */
export interface Quota {
  /**
   * Holds room for a call that waits or is on its way, until disposed.
   * @param argsChars the length of its arguments, which are held in memory until it is answered
   * @throws OrchestratorError when the run has too many of them
   */
  hold(server: ServerEntry, argsChars: number): Disposable;
  /**
   * Counts a call that is about to be made.
   * @throws OrchestratorError when the run has made as many as it may
   */
  count(server: ServerEntry): void;
  /** Counts a call that was made in an earlier life of the run. */
  remember(server: string): void;
  /**
   * Resolves when the server has room for one more; it is taken until disposed.
   * @throws OrchestratorError when its minute is used up, or it would take too long
   */
  turn(server: ServerEntry, signal: AbortSignal): Promise<Disposable>;
  /** Whether the server's rate has room for a call made again. */
  takeRate(server: ServerEntry): Promise<boolean>;
}

export function createQuota({ traffic }: { traffic: Traffic }): Quota {
  const callsMade = new Map<string, number>();
  let inFlight = 0;
  let charsInFlight = 0;

  function hold(server: ServerEntry, argsChars: number): Disposable {
    if (inFlight >= limits.callsInFlightMax) {
      const verdict = { rule: "callsInFlight", limit: limits.callsInFlightMax } as const;
      throw refusal(verdict, { message: callsInFlightMessage, server: server.id });
    }
    if (charsInFlight > 0 && charsInFlight + argsChars > limits.argumentCharsInFlightMax) {
      const verdict = { rule: "argumentsInFlight", limit: limits.argumentCharsInFlightMax } as const;
      throw refusal(verdict, { message: argumentsInFlightMessage, server: server.id });
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

  return {
    hold,
    count(server) {
      const made = callsMade.get(server.id) ?? 0;
      const { callsPerRun } = callLimitsOf(server);
      if (made >= callsPerRun) throw overCount(server, callsPerRun);
      callsMade.set(server.id, made + 1);
    },
    remember(server) {
      callsMade.set(server, (callsMade.get(server) ?? 0) + 1);
    },
    async turn(server, signal) {
      const waitMs = await traffic.takeRate(server);
      if (waitMs > 0) throw overRate(server, waitMs);
      return traffic.takePlace(server, signal);
    },
    takeRate: async (server) => (await traffic.takeRate(server)) === 0,
  };
}

function overCount(server: ServerEntry, limit: number) {
  return refusal(
    { rule: "limits.callsPerRun", limit },
    {
      message: `A run may call ${server.id} ${limit} times; this was one more. Split the work into several runs, or set limits.callsPerRun of ${server.id} in the registry.`,
      server: server.id,
    },
  );
}

function overRate(server: ServerEntry, retryAfterMs: number) {
  const { callsPerMinute: limit } = callLimitsOf(server);
  return refusal(
    { rule: "limits.callsPerMinute", limit, retryAfterMs },
    {
      message: `${server.id} takes ${limit} calls a minute from you, in all sessions together. The next one is free in ${retryAfterMs} ms.`,
      server: server.id,
    },
  );
}
