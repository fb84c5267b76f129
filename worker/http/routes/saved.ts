import type { Context } from "hono";
import { z } from "zod";
import { lineOf } from "../../../core/audit/record.ts";
import { SavedRefusal } from "../../../core/saved/library.ts";
import { type LibraryPort, libraryOver } from "../../../core/saved/library-port.ts";
import { trailOf } from "../../bindings.ts";
import { systemClock } from "../../clock.ts";
import { type ListedProposal, type Proposal, renderProposal } from "../approval-page.ts";
import type { Env } from "../env.ts";
import { answer, type Decider, deciderOf, decisionOf, json, principalOf } from "./decider.ts";

type C = Context<{ Bindings: Env }>;

/** The saved programs of a principal. */
export function libraryOf(env: Env, principal: string): LibraryPort {
  return libraryOver(async (request) => env.LIBRARIES.getByName(principal).request(request));
}

/** Those that wait for a person, by name. */
export async function proposalsOf(library: LibraryPort): Promise<ListedProposal[]> {
  const { tools = [] } = (await library.since(undefined)) ?? {};
  return tools.filter(({ proposed }) => proposed).map(({ name, description, revision }) => ({ name, description, revision }));
}

async function proposalOf(library: LibraryPort, name: string): Promise<Proposal | undefined> {
  const found = await library.get(name);
  if (!found?.proposed) return undefined;
  const { description, revision, allowedMcpIds, inputSchema, source } = found;
  const files = source.files ?? { [source.language === "js" ? "main.js" : "main.ts"]: source.code ?? "" };
  return { name, description, revision, inputSchema, files, ...(allowedMcpIds === undefined ? {} : { allowedMcpIds }) };
}

/** `/proposals/<name>`: a program that another one wants to save. */
export async function serveProposal(c: C): Promise<Response> {
  const decider = await deciderOf(c);
  if (decider instanceof Response) return decider;
  const proposal = await proposalOf(libraryOf(c.env, principalOf(decider)), nameOf(c));
  if (proposal === undefined) return nothingWaits(decider);
  return decider.kind === "command" ? json(proposal) : renderProposal(proposal, decider.visitor);
}

const Decision = z.object({ decision: z.enum(["accept", "reject"]), revision: z.coerce.number().int() });

/** A person decides about it as they saw it: a revision that came later waits on. */
export async function decideProposal(c: C): Promise<Response> {
  const decided = await decisionOf(c, Decision);
  if (decided instanceof Response) return decided;
  const { decider } = decided;
  const { decision, revision } = decided.decision;
  const principal = principalOf(decider);
  try {
    await libraryOf(c.env, principal)[decision](nameOf(c), revision);
  } catch (error) {
    if (!(error instanceof SavedRefusal)) throw error;
    return answer(decider, { status: 409, title: "Not as you saw it", text: error.message });
  }
  const time = new Date(systemClock.now()).toISOString();
  const what = `saved_program_${decision}`;
  const requestId = c.get("requestId");
  await trailOf(c.env).note("records", [
    lineOf({ time, action: "administration", outcome: "succeeded", principal, what, requestId }),
  ]);
  return answer(decider, { status: 200, ...outcomes[decision] });
}

const outcomes = {
  accept: { title: "Accepted", text: "Every session of yours can call it now." },
  reject: { title: "Rejected", text: "What you accepted under this name before is there again, or nothing." },
} as const;

const nameOf = (c: C): string => c.req.param("name") ?? "";

function nothingWaits(decider: Decider): Promise<Response> | Response {
  const text = "Somebody has decided already, or it was changed or deleted.";
  return answer(decider, { status: 404, title: "Nothing waits here", text });
}
