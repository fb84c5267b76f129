import { closestHint, closestTo, named } from "./closest.ts";
import { callErrorOf, OrchestratorError, UpstreamError } from "./errors.ts";
import type { CallOutcome, Ledger } from "./ledger.ts";
import { callsInFlightMessage } from "./limit-messages.ts";
import { limits } from "./limits.ts";
import { notAllowedMessage } from "./policy/allow-list.ts";
import { callLimitsOf } from "./policy/call-limits.ts";
import { type Bucket, takeToken } from "./policy/rate-limit.ts";
import { withRetries } from "./policy/retry.ts";
import type { CallReply, Clock, JsonValue, ToolCaller, Upstream } from "./ports.ts";
import type { ServerEntry } from "./registry.ts";
import { contentOf, errorTextOf, toValue } from "./result.ts";
import { isRetrySafe, type Tool } from "./tool.ts";
import { createTurnstile, type Turnstile } from "./turnstile.ts";

/** One execute, from here to the last call it makes. Passed along; nothing about a run is ever looked up. */
export interface Run {
  allowed: readonly ServerEntry[];
  /**
   * Tools as they were when the program was linked: what it may call is what it was compiled against.
   * @throws OrchestratorError when they could not be listed
   */
  toolsOf(server: ServerEntry): readonly Tool[] | undefined;
  /** Whether its server has another tool under that name by now, or none. */
  hasChanged(server: ServerEntry, tool: Tool): boolean;
  /** Milliseconds since the epoch; later again when the program had to be started again. */
  deadline(): number;
  signal: AbortSignal;
  ledger: Ledger;
}

/** What outlives a run: one true count per session. */
export interface SessionTraffic {
  buckets: Map<string, Bucket>;
  turnstiles: Map<string, Turnstile>;
}

export function createTraffic(): SessionTraffic {
  return { buckets: new Map(), turnstiles: new Map() };
}

interface GateParts {
  run: Run;
  upstream: Upstream;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  traffic: SessionTraffic;
  registered: readonly ServerEntry[];
}

/**
 * The only way from user code to a tool: allow → count → rate → turn → deadline → call → record. Whatever the isolate
 * asks for is checked here again, because modules inside it can be bypassed and this cannot.
 */
export function createGate({ run, upstream, clock, random, traffic, registered }: GateParts): ToolCaller {
  const callsMade = new Map<string, number>();
  let inFlight = 0;

  async function callMcpTool(id: string, wireName: string, argsJson: string, form: "value" | "raw"): Promise<CallReply> {
    const { server, tool } = admit(run, { id, wireName, registered });
    let isSent = false;
    const entry = run.ledger.open({ server: server.id, tool: wireName, isRetrySafe: isRetrySafe(tool) });
    try {
      if (run.hasChanged(server, tool)) throw toolChanged(server, tool);
      const args = readArguments(argsJson, { server, tool });
      using _place = takePlace(server);
      const bounds = callLimitsOf(server);
      countCall(server, bounds.callsPerRun);
      refuseOverRate(server, bounds.callsPerMinute);
      const turnstile = turnstileOf(server, bounds.concurrency);
      using _turn = await turnstile.enter(run.signal);
      const timeoutMs = Math.min(bounds.timeoutMs, run.deadline() - clock.now());
      if (timeoutMs <= 0)
        throw new UpstreamError("call_timeout", "The run's time was up before this call was sent.", { delivery: "not_sent" });

      const attempt = (leftMs: number) => {
        isSent = true;
        entry.sent();
        return upstream.callTool(server, { tool: tool.name, args }, { signal: run.signal, timeoutMs: leftMs });
      };
      const result = await withRetries(attempt, {
        tool,
        clock,
        random,
        deadline: clock.now() + timeoutMs,
        signal: run.signal,
        takeRate: () => takeRate(server, bounds.callsPerMinute) === 0,
      });
      if (result.isError === true && form === "value") {
        entry.settle("failed");
        return { ok: false, error: { code: "tool_error", message: errorTextOf(result), content: contentOf(result) } };
      }
      entry.settle(result.isError === true ? "failed" : "succeeded");
      return { ok: true, value: form === "raw" ? result : toValue(result) };
    } catch (error) {
      entry.settle(outcomeOf(error, isSent));
      throw error;
    }
  }

  /** Every call that waits is held in memory, its arguments with it. */
  function takePlace(server: ServerEntry): Disposable {
    if (inFlight >= limits.callsInFlightMax) {
      throw new OrchestratorError("too_many_calls", callsInFlightMessage, { server: server.id });
    }
    inFlight += 1;
    return {
      [Symbol.dispose]() {
        inFlight -= 1;
      },
    };
  }

  function countCall(server: ServerEntry, callsPerRun: number): void {
    const made = callsMade.get(server.id) ?? 0;
    if (made >= callsPerRun) {
      throw new OrchestratorError("too_many_calls", `A run may call ${server.id} ${callsPerRun} times; this was one more.`, {
        server: server.id,
      });
    }
    callsMade.set(server.id, made + 1);
  }

  /** How long until there is room for one more; 0 when it was taken. */
  function takeRate(server: ServerEntry, perMinute: number): number {
    const { bucket, waitMs } = takeToken(traffic.buckets.get(server.id), { perMinute, now: clock.now() });
    traffic.buckets.set(server.id, bucket);
    return waitMs;
  }

  function refuseOverRate(server: ServerEntry, perMinute: number): void {
    const waitMs = takeRate(server, perMinute);
    if (waitMs === 0) return;
    throw new OrchestratorError(
      "rate_limited",
      `${server.id} takes ${perMinute} calls a minute from this session. The next one is free in ${waitMs} ms.`,
      { server: server.id },
    );
  }

  function turnstileOf(server: ServerEntry, concurrency: number): Turnstile {
    const existing = traffic.turnstiles.get(server.id);
    if (existing) return existing;
    const turnstile = createTurnstile(concurrency);
    traffic.turnstiles.set(server.id, turnstile);
    return turnstile;
  }

  return {
    async callMcpTool(id, tool, argsJson, form) {
      try {
        return await callMcpTool(String(id), String(tool), String(argsJson), form === "raw" ? "raw" : "value");
      } catch (error) {
        return { ok: false, error: callErrorOf(error) };
      }
    },
  };
}

/** A call that was checked against one tool is not sent to what has its name by now. */
function toolChanged(server: ServerEntry, tool: Tool): OrchestratorError {
  return new OrchestratorError(
    "tool_changed",
    `${server.id}.${tool.name} was changed by its server while the program ran, so nothing was sent. Run the program again: it is then checked against the new one.`,
    { server: server.id, tool: tool.name },
  );
}

function admit(run: Run, { id, wireName, registered }: { id: string; wireName: string; registered: readonly ServerEntry[] }) {
  const server = run.allowed.find((candidate) => candidate.id === id);
  if (server === undefined) {
    const known = registered.find((candidate) => candidate.id === id);
    throw known
      ? new OrchestratorError("server_not_allowed", notAllowedMessage(known), { server: id })
      : new OrchestratorError("server_unknown", `No server "${named(id)}" in the registry.`);
  }
  const tools = run.toolsOf(server) ?? [];
  const tool = tools.find((candidate) => candidate.name === wireName);
  if (tool === undefined) {
    const suggestions = closestTo(
      wireName,
      tools.map((candidate) => candidate.name),
    );
    const hint = closestHint(suggestions);
    throw new OrchestratorError("tool_unknown", `No tool "${named(wireName)}" on ${id}.${hint} describe_mcp lists its tools.`, {
      server: id,
      suggestions,
    });
  }
  return { server, tool };
}

function readArguments(argsJson: string, { server, tool }: { server: ServerEntry; tool: Tool }): Record<string, JsonValue> {
  if (argsJson.length > limits.callArgumentsCharsMax) {
    throw new OrchestratorError(
      "invalid_arguments",
      `The arguments of ${server.id}.${tool.name} are ${argsJson.length} characters; at most ${limits.callArgumentsCharsMax} are sent.`,
      { server: server.id, tool: tool.name },
    );
  }
  const value = readJson(argsJson);
  if (isArguments(value)) return value;
  throw new OrchestratorError("invalid_arguments", `${server.id}.${tool.name} takes one object with named arguments.`, {
    server: server.id,
    tool: tool.name,
  });
}

/** Undefined for what is no JSON: user code can make the shim send anything. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Refused by the caller like any other wrong value.
    return undefined;
  }
}

/** What JSON.parse yields is a JsonValue already; only objects are arguments. */
function isArguments(value: unknown): value is Record<string, JsonValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An upstream that fails without saying how far it got may have sent the call. */
function outcomeOf(error: unknown, isSent: boolean): CallOutcome {
  if (!(error instanceof UpstreamError)) return isSent ? "unknown" : "not_started";
  switch (error.delivery) {
    case "not_sent":
      return "not_started";
    case "sent":
      return "unknown";
    case "answered":
      return "failed";
  }
}
