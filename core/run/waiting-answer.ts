import { resumeStep } from "../discovery/direct-call.ts";
import { OrchestratorError, type PublicError, toPublicError } from "../errors.ts";
import type { WaitingCall } from "../journal/asked-calls.ts";
import { limits } from "../limits.ts";
import { shownArguments } from "../mcp/shown-arguments.ts";
import { startOf } from "../text.ts";
import { approvalLimits } from "./approval-limits.ts";
import type { Outcome } from "./outcome.ts";

interface Waits {
  /** Where a person decides; undefined while no address of this orchestrator is known. */
  url: string | undefined;
  token: string;
  calls: PublicError["calls"];
  /** Why it ends with its process; undefined if it does not. */
  whyNotKept: string | undefined;
}

/** What the client of a run is told whose calls wait for a person. */
export function waitingAnswer({ url, token, calls, whyNotKept }: Waits): Outcome {
  const error = new OrchestratorError("approval_required", waitsMessage(url, whyNotKept), {
    retryable: true,
    ...(url === undefined ? {} : { url }),
    token,
    calls,
  });
  return { ok: false, errors: [toPublicError(error)], durationMs: 0 };
}

function waitsMessage(url: string | undefined, whyNotKept: string | undefined): string {
  const where = url === undefined ? "`mcp-bridge approvals list` shows them." : "Show them the link.";
  const kept =
    whyNotKept === undefined ? "" : ` It waits ${limits.answerMs / 60_000} minutes and ends with a restart: ${whyNotKept}`;
  return `A person has to allow the run's calls. ${where} ${resumeStep}${kept}`;
}

/** The calls that wait, as an answer lists them. */
export function waitingIn(waiting: readonly WaitingCall[]): PublicError["calls"] {
  const groups = Map.groupBy(waiting, ({ server, tool }) => JSON.stringify([server, tool]));
  return [...groups.values()].slice(0, approvalLimits.answeredCallsMax).flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const { server, tool, argsJson } = first;
    const args = startOf(shownArguments(argsJson), approvalLimits.answeredArgumentsChars);
    return [more.length === 0 ? { server, tool, args } : { server, tool, count: more.length + 1 }];
  });
}
