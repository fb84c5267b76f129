import type { CallAudit } from "../audit/run-audit.ts";
import type { Clock } from "../clock.ts";
import { UpstreamError } from "../errors.ts";
import type { OpenEntry } from "../journal/journal-scope.ts";
import { limits } from "../limits.ts";
import type { CallingRun, UpstreamCallOptions } from "../mcp/upstream.ts";
import { callLimitsOf } from "../registry/call-limits.ts";
import { isBuiltIn, type ServerEntry } from "../registry/registry.ts";
import { createCallElicitations } from "./approval.ts";
import type { CallOutcome, OpenCall } from "./ledger.ts";
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
  /**
   * Waits for whoever has to allow it.
   * @throws OrchestratorError before anything is counted or sent
   */
  approve?: (() => Promise<void>) | undefined;
  hasFailed: (answer: Answer) => boolean;
  /** Its record in the audit; its end is the gate's. */
  audit: CallAudit | undefined;
  /** Its place in the journal of the run. */
  open: OpenEntry | undefined;
}

/** Hold → approve → count → rate → turn → deadline → send, with retries → record. */
export async function perform<Answer>(
  { run, quota, clock, random }: PerformParts,
  { server, name, isRetrySafe, argsChars, prepare, approve, hasFailed, audit, open }: Request<Answer>,
): Promise<Answer> {
  let isSent = false;
  const inLedger = run.ledger.open({ server: server.id, tool: name, isRetrySafe });
  const entry = audited(open ? journaled(inLedger, { open, isRetrySafe, clock }) : inLedger, audit);
  const elicitations = createCallElicitations(run.ask, { server: server.id, tool: name });
  try {
    const send = prepare();
    using _held = quota.hold(server, argsChars);
    await approve?.();
    quota.count(server);
    using _turn = await quota.turn(server, run.signal);
    // A little less than the run has, so that the program is told which call took too long.
    const leftMs = () => run.deadline() - limits.callsEndMs - clock.now();
    const timeoutMs = Math.min(callLimitsOf(server).timeoutMs, leftMs());
    if (timeoutMs <= 0) throw new UpstreamError("call_timeout", notSent, { delivery: "not_sent" });

    const attempt = (attemptMs: number) => {
      isSent = true;
      entry.sent();
      const { onElicit } = elicitations;
      const asking = { onElicit, ...(!run.canAsk && { canElicit: false }), ...(run.caller && { caller: run.caller }) };
      const listeners = run.notifications.listen(server.id, name);
      const within = isBuiltIn(server) ? { within: callingRun(run, entry, open) } : {};
      return send({ signal: run.signal, timeoutMs: attemptMs, totalMs: leftMs(), ...listeners, ...asking, ...within });
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

/** What a program sees of the run that it runs for. */
function callingRun(
  { chain = [], deadline, canAsk, ask, approve, audit }: Run,
  entry: OpenCall,
  open: OpenEntry | undefined,
): CallingRun {
  const auditCall = audit && { auditCall: (call: Parameters<typeof audit.call>[0]) => audit.call(call) };
  const journal = open && { journal: () => open.nested() };
  return { chain, deadline, canAsk, ask, approve, nest: (calls) => entry.nest(calls), ...journal, ...auditCall };
}

interface Journaled {
  open: OpenEntry;
  isRetrySafe: boolean;
  clock: Clock;
}

/** The journal outlives the process: what is sent is written down there first. */
function journaled(call: OpenCall, { open, isRetrySafe, clock }: Journaled): OpenCall {
  const startedAt = clock.now();
  return {
    sent() {
      open.entry.sent(isRetrySafe);
      call.sent();
    },
    nest: (calls) => call.nest(calls),
    settle(outcome) {
      open.entry.settled(outcome, clock.now() - startedAt);
      call.settle(outcome);
    },
  };
}

/** The ledger lives as long as the run; the audit outlives it. */
function audited(entry: OpenCall, audit: CallAudit | undefined): OpenCall {
  if (audit === undefined) return entry;
  return {
    sent() {
      entry.sent();
      audit.sent();
    },
    nest: (calls) => entry.nest(calls),
    settle(outcome) {
      entry.settle(outcome);
      audit.settle(outcome);
    },
  };
}

const notSent = `The run's time was up before this call was sent. Do less in one run, or raise maxRuntimeMs (at most ${limits.runMsMax}).`;

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
