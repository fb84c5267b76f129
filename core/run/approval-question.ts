import { z } from "zod";
import type { PersonsDecision, WaitingCall } from "../journal/asked-calls.ts";
import { type Elicitation, ElicitationAnswer } from "../mcp/elicitation.ts";
import { shownArguments } from "../mcp/shown-arguments.ts";
import { oneLine, startOf } from "../text.ts";
import { approvalLimits } from "./approval-limits.ts";

/** A question to a client whether calls may be made, under the token with which it sends the answer. */
export const AskedClient = z.object({
  token: z.string(),
  /** Within the run. */
  question: z.string(),
  /** The number of the last call that it is about. */
  upTo: z.number(),
});
export type AskedClient = z.infer<typeof AskedClient>;

const choices = { allow: "Allow", allow_tools: "Allow every call of these tools by this run", deny: "Refuse" } as const;

/**
 * What a client shows its user, and the number of the last call in it: an answer decides about what was shown. Calls that do not fit
 * wait for the next question.
 */
export function questionAbout(calls: readonly WaitingCall[]): { question: Elicitation; upTo: number } {
  const shown = shownOf(calls);
  const left = calls.length - shown.length;
  const after = left === 0 ? "" : `\n${left} more wait and are asked about after ${shown.length === 1 ? "this" : "these"}.`;
  const question: Elicitation = {
    mode: "form",
    message: `May a program make ${shown.length === 1 ? "this call" : `these ${shown.length} calls`}?\n${shown.map(({ line }) => line).join("\n")}${after}`,
    requestedSchema: {
      type: "object",
      properties: {
        decision: { type: "string", title: "Decision", enum: Object.keys(choices), enumNames: Object.values(choices) },
      },
      required: ["decision"],
    },
  };
  return { question, upTo: shown.at(-1)?.number ?? 0 };
}

function shownOf(calls: readonly WaitingCall[]): { line: string; number: number }[] {
  const shown: { line: string; number: number }[] = [];
  let chars = 0;
  for (const { server, tool, argsJson, number } of calls.slice(0, approvalLimits.askedCallsMax)) {
    const line = lineOf({ server, tool, argsJson });
    chars += line.length;
    if (shown.length > 0 && chars > approvalLimits.askedChars) break;
    shown.push({ line, number });
  }
  return shown;
}

/** A line of its own for each call, and nothing in it that a program or a server chose begins another. */
function lineOf({ server, tool, argsJson }: Pick<WaitingCall, "server" | "tool" | "argsJson">): string {
  const max = approvalLimits.askedChars;
  const args = shownArguments(argsJson);
  const cut = args.length > max ? `… ${args.length - max} more characters, which are not shown` : "";
  return `- ${oneLine(`${server}.${tool}`)}(${startOf(args, max)}${cut})`;
}

/** What a client's answer decides; undefined if it is none, or its user did not decide. */
export function decisionIn(answer: unknown, upTo: number): PersonsDecision | undefined {
  const { data: given } = ElicitationAnswer.safeParse(answer);
  if (given?.action === "decline") return { kind: "deny", upTo };
  const decision = given?.action === "accept" ? given.content?.decision : undefined;
  switch (decision) {
    case "allow":
    case "deny":
      return { kind: decision, upTo };
    case "allow_tools":
      return { kind: decision, upTo, callsMax: approvalLimits.toolCallsMax };
    default:
      return undefined;
  }
}
