import { type ErrorCode, OrchestratorError } from "../errors.ts";
import { notAllowedMessage } from "../registry/allow-list.ts";
import { isAllowedByDefault, type ServerEntry } from "../registry/registry.ts";

/** What a refusal rests on. A field of the registry and a variable of the operator have their own names. */
export type Rule =
  | "allowedMcpIds"
  | "visibility"
  | "sensitivity"
  | "tools.allow"
  | "tools.deny"
  | "limits.callsPerRun"
  | "limits.callsPerMinute"
  | "limits.concurrency"
  | "callsInFlight"
  | "argumentsInFlight"
  | "runsAtOnce"
  | "runsPerMinute"
  | "fileBytes"
  | "sandboxes"
  | "MAX_CALLS_PER_RUN"
  | "MAX_RESULT_BYTES";

/** Why policy refuses: the rule, what it allows, and when the same request may pass, if waiting helps. */
export interface Verdict {
  rule: Rule;
  limit: number | string;
  retryAfterMs?: number;
}

/** What is refused. */
interface Refused {
  message: string;
  server?: string;
  tool?: string;
  suggestions?: string[];
}

/** Every refusal by policy is made here, so that all of them say the same things and can be recorded. */
export function refusal(verdict: Verdict, { message, ...subject }: Refused): OrchestratorError {
  return new OrchestratorError(codes[verdict.rule], message, { ...subject, ...verdict });
}

/** The verdict behind an error; undefined for one that is no refusal by policy. */
export function verdictOf(error: unknown): Verdict | undefined {
  if (!(error instanceof OrchestratorError)) return undefined;
  const { rule, limit, retryAfterMs } = error.details;
  if (!isRule(rule) || limit === undefined) return undefined;
  return { rule, limit, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

const codes: Readonly<Record<Rule, ErrorCode>> = {
  allowedMcpIds: "server_not_allowed",
  visibility: "server_not_allowed",
  sensitivity: "server_not_allowed",
  "tools.allow": "tool_unknown",
  "tools.deny": "tool_unknown",
  "limits.callsPerRun": "too_many_calls",
  "limits.callsPerMinute": "rate_limited",
  "limits.concurrency": "rate_limited",
  callsInFlight: "too_many_calls",
  argumentsInFlight: "too_many_calls",
  runsAtOnce: "rate_limited",
  runsPerMinute: "rate_limited",
  fileBytes: "output_limit",
  sandboxes: "too_many_calls",
  MAX_CALLS_PER_RUN: "too_many_calls",
  MAX_RESULT_BYTES: "output_limit",
};

function isRule(rule: string | undefined): rule is Rule {
  return rule !== undefined && Object.hasOwn(codes, rule);
}

type Classified = Pick<ServerEntry, "id" | "visibility" | "sensitivity">;

/** Why a run may not use a server that it does not name. */
export function notAllowedVerdict({ id, visibility, sensitivity }: Classified): Verdict {
  if (isAllowedByDefault({ visibility, sensitivity })) return { rule: "allowedMcpIds", limit: id };
  return visibility === "default" ? { rule: "sensitivity", limit: sensitivity } : { rule: "visibility", limit: visibility };
}

export function notAllowed(server: Classified): OrchestratorError {
  return refusal(notAllowedVerdict(server), { message: notAllowedMessage(server), server: server.id });
}

/** Why an entry hides a tool; undefined if it does not. Whether the server has a tool of that name is not said. */
export function hiddenVerdict({ tools }: Pick<ServerEntry, "tools">, tool: string): Verdict | undefined {
  if (tools.deny?.includes(tool)) return { rule: "tools.deny", limit: tool };
  if (tools.allow !== undefined && !tools.allow.includes(tool)) return { rule: "tools.allow", limit: tools.allow.length };
  return undefined;
}
