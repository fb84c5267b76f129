import type { Context } from "hono";
import { z } from "zod";
import type { PersonsDecision } from "../../../core/journal/asked-calls.ts";
import { approvalLimits } from "../../../core/run/approval-limits.ts";
import type { ShownApproval } from "../../../core/run/run-desk.ts";
import { sessionAt } from "../access/session-address.ts";
import { renderApproval, renderApprovals } from "../approval-page.ts";
import type { Env } from "../env.ts";
import { seeOther } from "../page.ts";
import { answer, type Decider, deciderOf, decisionOf, json, principalOf } from "./decider.ts";
import { pathIn } from "./login.ts";
import { waitingFor } from "./waiting.ts";

type C = Context<{ Bindings: Env }>;

/** `/approve`: what waits in all sessions of this principal. */
export async function serveApprovals(c: C): Promise<Response> {
  const decider = await deciderOf(c);
  if (decider instanceof Response) return decider;
  const waiting = await waitingFor(c.env, principalOf(decider));
  return decider.kind === "command" ? json(waiting) : renderApprovals(waiting, decider.visitor.headers);
}

/** `/approve/<id>`: one run, with the calls that wait. */
export async function serveApproval(c: C): Promise<Response> {
  const decider = await deciderOf(c);
  if (decider instanceof Response) return decider;
  const session = sessionOf(c, decider);
  using waiting = await session?.approvals();
  const approval = await waiting?.shown(idOf(c));
  return approval === undefined ? nothingWaits(decider) : show(approval, decider);
}

const common = {
  upTo: z.coerce.number().int().min(1),
  /** Of the page that it leads back to. */
  back: z.string().optional(),
};
const Decision = z.discriminatedUnion("decision", [
  z.object({ decision: z.literal("allow"), ...common }),
  z.object({ decision: z.literal("deny"), ...common }),
  z.object({
    decision: z.literal("allow_tools"),
    ...common,
    callsMax: z.coerce.number().int().min(1).max(1_000_000).default(approvalLimits.toolCallsMax),
  }),
]);

export async function takeDecision(c: C): Promise<Response> {
  const decided = await decisionOf(c, Decision);
  if (decided instanceof Response) return decided;
  const { decider } = decided;
  const { decision: kind, back, ...rest } = decided.decision;
  const session = sessionOf(c, decider);
  using waiting = await session?.approvals();
  const isDone = await waiting?.decide(idOf(c), { kind, ...rest } as PersonsDecision);
  if (isDone !== true) return nothingWaits(decider);
  if (decider.kind === "browser" && back !== undefined) return seeOther(decidedAt(pathIn(back), kind));
  return answer(decider, { status: 200, ...outcomes[kind] });
}

/** The console's page, where the next one may wait. */
function decidedAt(page: string, decision: string): string {
  return `${page}${page.includes("?") ? "&" : "?"}decided=${decision}`;
}

const outcomes = {
  allow: { title: "Allowed", text: "The calls that you saw are made now. Go back to your agent: it can go on." },
  allow_tools: {
    title: "Allowed",
    text: "Calls of these tools are made now without asking again, in this run. Go back to your agent.",
  },
  deny: {
    title: "Refused",
    text: "Nothing was sent. The program is told so and may end, or do something else. Go back to your agent.",
  },
} as const;

const idOf = (c: C): string => c.req.param("id") ?? "";

/** The session that an approval's id names, of this principal and of no other. */
function sessionOf(c: C, decider: Decider) {
  const session = /^([A-Za-z0-9_-]{1,64})\.[0-9a-f]{32}$/.exec(idOf(c))?.[1];
  return session === undefined ? undefined : sessionAt(c.env, { principal: principalOf(decider), session });
}

function show(approval: ShownApproval, decider: Decider): Promise<Response> | Response {
  if (decider.kind === "command") return json(approval);
  return renderApproval(approval, decider.visitor);
}

function nothingWaits(decider: Decider): Promise<Response> | Response {
  return answer(decider, {
    status: 404,
    title: "Nothing waits here",
    text: "Somebody has decided already, the run has ended, or it took too long. Your agent says what became of it.",
  });
}
