import type { Clock } from "../clock.ts";
import { UpstreamError } from "../errors.ts";
import type { UpstreamCallOptions } from "../mcp/upstream.ts";
import { callLimitsOf } from "../registry/call-limits.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { createCallElicitations } from "./approval.ts";
import type { CallOutcome } from "./ledger.ts";
import type { Quota } from "./quota.ts";
import { withRetries } from "./retry.ts";
import type { Run } from "./run.ts";

export interface PerformParts {
  run: Run;
  quota: Quota;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
}

/** One request to a server: a tool call, or a request for resources or prompts. */
export interface Request<Answer> {
  server: ServerEntry;
  /** The tool, or the client's member of core/mcp/resources-and-prompts.ts, as the ledger names it. */
  name: string;
  isRetrySafe: boolean;
  /** The length of its arguments as JSON. */
  argsChars: number;
  /**
   * Reads the arguments and returns the function that sends the request.
   * @throws OrchestratorError before anything is counted or sent
   */
  prepare: () => (options: UpstreamCallOptions) => Promise<Answer>;
  hasFailed: (answer: Answer) => boolean;
}

/** Count → rate → turn → deadline → send, with retries → record. */
export async function perform<Answer>(
  { run, quota, clock, random }: PerformParts,
  { server, name, isRetrySafe, argsChars, prepare, hasFailed }: Request<Answer>,
): Promise<Answer> {
  let isSent = false;
  const entry = run.ledger.open({ server: server.id, tool: name, isRetrySafe });
  const elicitations = createCallElicitations(run.ask, { server: server.id, tool: name });
  try {
    const send = prepare();
    using _place = quota.enter(server, argsChars);
    using _turn = await quota.turn(server, run.signal);
    const timeoutMs = Math.min(callLimitsOf(server).timeoutMs, run.deadline() - clock.now());
    if (timeoutMs <= 0) throw new UpstreamError("call_timeout", notSent, { delivery: "not_sent" });

    const attempt = (leftMs: number) => {
      isSent = true;
      entry.sent();
      const totalMs = run.deadline() - clock.now();
      const { onElicit } = elicitations;
      const listeners = { ...run.notifications.listen(server.id, name), onElicit, ...(!run.canAsk && { canElicit: false }) };
      return send({ signal: run.signal, timeoutMs: leftMs, totalMs, ...listeners });
    };
    const answer = await withRetries(attempt, {
      isRetrySafe,
      clock,
      random,
      deadline: clock.now() + timeoutMs,
      signal: run.signal,
      takeRate: () => quota.takeRate(server),
    });
    elicitations.passed({ hasFailed: hasFailed(answer) });
    entry.settle(hasFailed(answer) ? "failed" : "succeeded");
    return answer;
  } catch (cause) {
    const error = elicitations.failed(cause);
    entry.settle(outcomeOf(error, isSent));
    throw error;
  }
}

const notSent = "The run's time was up before this call was sent.";

/** An upstream that fails without saying how far it got may have sent the request. */
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
