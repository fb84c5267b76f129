import type { RunAudit } from "../audit/run-audit.ts";
import type { AskedCall, AskedEntry } from "../journal/asked-calls.ts";
import type { JournalScope } from "../journal/journal-scope.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Ask } from "./elicitation.ts";
import type { Ledger } from "./ledger.ts";
import type { RunNotifications } from "./progress.ts";

/** One execute, from its first call to its last. It is passed along; nothing about a run is ever looked up. */
export interface Run {
  /** The saved programs that wait for this one, the outermost first, and its own name; left out for what a client sent. */
  chain?: readonly string[];
  allowed: readonly ServerEntry[];
  /**
   * The tools as they were when the program was linked: a program may call what it was compiled against.
   * @throws OrchestratorError when they could not be listed
   */
  toolsOf(server: ServerEntry): readonly Tool[] | undefined;
  /** The tools as they are now, asked for again if the server has been called since. For names that were not there at first. */
  toolsNow(server: ServerEntry): Promise<readonly Tool[]>;
  /** Whether the server's tool of that name is another one by now, or gone. */
  hasChanged(server: ServerEntry, tool: Tool): boolean;
  /** Milliseconds since the epoch. Moves back when the program has to be started again. */
  deadline(): number;
  signal: AbortSignal;
  ledger: Ledger;
  /** Where its calls are answered from that were made in an earlier life of it; left out, it has only one. */
  journal?: JournalScope | undefined;
  /**
   * Counts each call, whichever server it is for.
   * @throws OrchestratorError when there were too many
   */
  countCall?: () => void;
  /** Where it is written down for the operator; left out, it is not. */
  audit?: RunAudit | undefined;
  /** Receives the progress and log notifications of servers during calls. */
  notifications: RunNotifications;
  /** Whether its client can be asked at all. */
  canAsk: boolean;
  /** Tells this run's calls from those of others, whose clients are asked by others. */
  caller?: string;
  /** Puts elicitations to a person. */
  ask: Ask;
  /**
   * Waits until a person allows the call. Left out where calls are not asked about.
   * @throws OrchestratorError `denied`, `approval_required`, `cancelled`
   */
  approve?: ((call: AskedCall, entry?: AskedEntry) => Promise<void>) | undefined;
  /**
   * Left out where all tools are accepted.
   * @throws OrchestratorError `tool_changed` for a tool that is not as it was accepted
   */
  checkPin?: ((server: ServerEntry, tool: Tool) => void) | undefined;
}
