import type { Tool } from "../mcp/tool.ts";
import { mayAsk } from "../policy/approvals.ts";
import { isSavedPrograms } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";

export interface MayPauseParts {
  servers: readonly ServerEntry[];
  /** Whether a person has to allow calls that the registry says so of. */
  asksForApproval: boolean;
  /** The ids of the servers that saved programs use. Left out: not known. */
  savedUse?: (() => ReadonlySet<string>) | undefined;
  /** The tools of a server, as far as they are known. Left out: none are. */
  knownTools?: (server: ServerEntry) => readonly Tool[] | undefined;
}

/**
 * Whether a call of a program may have to wait for a person: its own, or one of a saved program that it calls, be it through others. Only
 * then are its calls recorded, and it gets an isolate that can be started again, which costs more than the rest of a short run. If a call
 * has to wait all the same, its run ends with its process.
 */
export function mayPause(
  { servers, asksForApproval, savedUse, knownTools = () => undefined }: MayPauseParts,
  used: readonly ServerEntry[],
): boolean {
  if (!asksForApproval) return false;
  if (used.some((server) => mayAsk(server, knownTools(server)))) return true;
  const asking = servers.filter((server) => mayAsk(server));
  if (asking.length === 0 || !used.some(isSavedPrograms)) return false;
  const usedBySaved = savedUse?.();
  return asking.some(({ id }) => usedBySaved?.has(id) !== false);
}
