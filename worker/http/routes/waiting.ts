import type { ShownApproval } from "../../../core/run/run-desk.ts";
import type { ListedProposal } from "../approval-page.ts";
import type { Env } from "../env.ts";
import { libraryOf, proposalsOf } from "./saved.ts";

export interface Waiting {
  approvals: ShownApproval[];
  proposals: ListedProposal[];
}

/** What waits for a person in all sessions of a principal. */
export async function waitingFor(env: Env, principal: string): Promise<Waiting> {
  const sessions = await env.ACCOUNTS.getByName(principal).sessionsWithApprovals();
  const found = await Promise.all(
    sessions.map(async (session) => {
      using waiting = await env.SESSIONS.getByName(session).approvals();
      return await waiting.list();
    }),
  );
  return { approvals: found.flat(), proposals: await proposalsOf(libraryOf(env, principal)) };
}
