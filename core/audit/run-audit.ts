import type { Clock } from "../clock.ts";
import { OrchestratorError, type PublicError } from "../errors.ts";
import { cutText } from "../text.ts";
import { charsOf } from "./answer-chars.ts";
import { type ArgumentsOptions, describeArguments } from "./arguments.ts";
import { auditLimits } from "./audit-limits.ts";
import { describeProgram } from "./program.ts";
import { type AuditOutcome, type AuditRecord, timeOf } from "./record.ts";
import type { AuditSink, OpenRecord } from "./sink.ts";

/** The record of one run and of its calls. */
export interface RunAudit {
  readonly run: string;
  /**
   * A call that the program makes, or a saved program for it: `within` are those that call each other, from the outside to the
   * inside. Nothing is written before it is sent or refused.
   */
  call(call: { server: string; tool: string; argsJson: string; within?: readonly string[] }): CallAudit;
  /** How long the run waited. */
  waited(times: Pick<AuditRecord, "queueMs" | "isolateMs" | "isReadBefore">): void;
  end(outcome: EndedRun): void;
}

export interface CallAudit {
  /** It would have been asked about, if this pattern of `tools.alwaysAllow` did not say otherwise. */
  exempt(pattern: string): void;
  /** From now on the server may have seen it: written down before it is sent. */
  sent(): void;
  settle(outcome: AuditOutcome): void;
  /** What the program gets as its result. */
  answered(value: unknown): void;
  /** Writes it down as it was settled; `error` is what the program gets, if that. */
  end(error?: unknown): void;
}

/** What `execute` answers, as far as it is recorded. */
interface EndedRun {
  ok: boolean;
  errors?: readonly Pick<PublicError, "code" | "rule">[];
  /** `count`: of how many alike. */
  calls?: readonly { server: string; count?: number | undefined }[];
  callsOmitted?: number;
}

export interface RunAuditParts extends ArgumentsOptions {
  sink: AuditSink;
  clock: Clock;
  newRunId: () => string;
}

interface RunRequest {
  requestId: string | undefined;
  input: unknown;
  /** Its id, if it was there before. */
  run?: string | undefined;
  who: Pick<AuditRecord, "principal" | "session">;
}

export function createRunAudit(parts: RunAuditParts, { requestId, input, who, run = parts.newRunId() }: RunRequest): RunAudit {
  const { sink, clock } = parts;
  const startedAt = clock.now();
  const common = { requestId, run, ...who };
  const started = { time: timeOf(startedAt), action: "execute", ...common, ...describeProgram(input, parts) } as const;
  const open = sink.open({ ...started, outcome: "lost" });
  const refused = new RefusedCalls();
  let times: Parameters<RunAudit["waited"]>[0] = {};
  return {
    run,
    call: (call) => createCallAudit(parts, { ...call, common, refused }),
    waited(more) {
      times = { ...times, ...more };
    },
    end(ended) {
      const { ok, errors, calls = [], callsOmitted = 0 } = ended;
      const unwritten = refused.unwritten(common, clock);
      if (unwritten !== undefined) sink.add(unwritten);
      const { code, rule } = errors?.[0] ?? {};
      const outcome = ok ? "succeeded" : code === "cancelled" ? "cancelled" : "failed";
      const made = calls.reduce((sum, { count = 1 }) => sum + count, callsOmitted);
      const durationMs = clock.now() - startedAt;
      const answerChars = charsOf(ended, auditLimits.answerCharsCounted);
      const servers = serversOf(calls);
      open.close({ ...started, outcome, code, rule, durationMs, ...times, calls: made, servers, answerChars });
    },
  };
}

/** Undefined for none. */
function serversOf(calls: NonNullable<EndedRun["calls"]>): string[] | undefined {
  const ids = [...new Set(calls.map(({ server }) => cutText(server, auditLimits.nameCharsMax)))];
  return ids.length === 0 ? undefined : ids.slice(0, auditLimits.serversOfRunMax);
}

interface CallRequest {
  server: string;
  tool: string;
  argsJson: string;
  within?: readonly string[];
  common: Pick<AuditRecord, "requestId" | "run" | "principal" | "session">;
  refused: RefusedCalls;
}

function createCallAudit(parts: RunAuditParts, { server, tool, argsJson, within, common, refused }: CallRequest): CallAudit {
  const { sink, clock } = parts;
  const startedAt = clock.now();
  let outcome: AuditOutcome = "not_started";
  let open: OpenRecord | undefined;
  let described: AuditRecord | undefined;
  let answerChars: number | undefined;
  let standingRule: string | undefined;
  const recordOf = (): AuditRecord => {
    described ??= {
      ...{ time: timeOf(startedAt), action: "call", outcome, ...common, server, tool, within: within?.join("/") },
      ...describeArguments(argsJson, parts),
    };
    return { ...described, standingRule };
  };
  return {
    exempt(pattern) {
      standingRule = pattern;
    },
    sent() {
      outcome = "unknown";
      open ??= sink.open({ ...recordOf(), outcome });
    },
    settle(settled) {
      outcome = settled;
    },
    answered(value) {
      answerChars = charsOf(value, auditLimits.resultCharsCounted);
    },
    end(error) {
      const code = codeOf(error);
      const rule = outcome === "not_started" ? ruleOf(error, code) : undefined;
      // A program that makes refused calls in a loop could push all other records out.
      if (open === undefined && !refused.takes()) return;
      const record: AuditRecord = {
        ...recordOf(),
        ...{ outcome, code, rule, durationMs: clock.now() - startedAt, answerChars },
        ...(rule === undefined ? {} : { action: "denial" }),
      };
      if (open === undefined) sink.add({ ...record, ...unsentNames({ server, tool }, parts) });
      else open.close(record);
    },
  };
}

/** The names in a call that was not sent: a program may write anything there, also what it knows of secrets. */
function unsentNames({ server, tool }: Pick<CallRequest, "server" | "tool">, { redact }: RunAuditParts) {
  const hide = redact() ?? ((text) => text);
  return { server: hide(server), tool: hide(tool) };
}

/** Counts the refused calls of a run. The first ones are written down one by one. */
class RefusedCalls {
  #made = 0;

  takes(): boolean {
    this.#made += 1;
    return this.#made <= auditLimits.refusedCallsMax;
  }

  /** The record for those that were only counted. */
  unwritten(common: CallRequest["common"], { now }: Clock): AuditRecord | undefined {
    const count = this.#made - auditLimits.refusedCallsMax;
    if (count <= 0) return undefined;
    return { time: timeOf(now()), action: "denial", outcome: "not_started", ...common, what: "further calls", count };
  }
}

function codeOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (error instanceof OrchestratorError) return error.code;
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "internal";
}

/** The codes of refusals, as opposed to calls that were wrong or could not be made. */
const refusalCodes = ["server_not_allowed", "server_unknown", "approval_required", "denied", "rate_limited", "too_many_calls"];

/** The rule by which a call was refused; undefined if it was not refused by one. */
function ruleOf(error: unknown, code: string | undefined): string | undefined {
  if (error instanceof OrchestratorError && error.details.rule !== undefined) return error.details.rule;
  return code !== undefined && refusalCodes.includes(code) ? code : undefined;
}
