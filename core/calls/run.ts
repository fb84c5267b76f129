import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Ask } from "./elicitation.ts";
import type { Ledger } from "./ledger.ts";
import type { RunNotifications } from "./progress.ts";

/** One execute, from its first call to its last. It is passed along; nothing about a run is ever looked up. */
export interface Run {
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
  /** Receives the progress and log notifications of servers during calls. */
  notifications: RunNotifications;
  /** Whether its client can be asked at all. */
  canAsk: boolean;
  /** Puts elicitations to a person. */
  ask: Ask;
}
