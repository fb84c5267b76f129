import type { Account, ApprovalIndex } from "../core/policy/account.ts";

/**
 * The account of a session's principal. An object that was just restarted fails the request that waited for it, so each is made
 * again once: none of them does harm twice, because a lost share only expires.
 */
export function accountOf(
  accounts: DurableObjectNamespace<Account & ApprovalIndex & Rpc.DurableObjectBranded>,
  session: string,
): Account & Pick<ApprovalIndex, "noteApproval"> {
  const principal = session.split("/", 1)[0] ?? session;
  let stub = accounts.getByName(principal);

  async function again<T>(request: (account: typeof stub) => Promise<T>): Promise<T> {
    try {
      return await request(stub);
    } catch {
      // A stub whose object failed stays broken.
      stub = accounts.getByName(principal);
      return request(stub);
    }
  }

  return {
    takeTokens: (of, wanted) => again(async (account) => account.takeTokens(of, wanted)),
    takePlaces: (of, wanted) => again(async (account) => account.takePlaces(of, wanted)),
    returnPlaces: (holder, places) => again(async (account) => account.returnPlaces(holder, places)),
    noteApproval: (of, approval) => again(async (account) => account.noteApproval(of, approval)),
    hold: (of, holdings) => again(async (account) => account.hold(of, holdings)),
    keepPlaces: (holder, places) => again(async (account) => account.keepPlaces(holder, places)),
  };
}
