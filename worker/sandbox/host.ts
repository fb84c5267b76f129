import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";

/** Why a sandbox process ended: it exceeded a limit, crashed, was renewed, or was not needed for a while. */
const Ending = z.object({ reason: z.enum(["cpu", "memory", "crash", "renewed", "idle"]) });
export type EndingReason = z.infer<typeof Ending>["reason"];

/** Starts, watches and replaces the sandbox processes under `npm start`: see bridge/sandbox/control-server.ts. */
export interface SandboxHost {
  /**
   * Starts a process that runs only when it is needed. Resolves when it answers.
   * @throws OrchestratorError `server_unavailable` when it does not start
   */
  ensure(process: string): Promise<void>;
  /** Whether the process can do its work, or could when it is started: it is not started for this. */
  isWell(process: string): Promise<boolean>;
  /** Kills the process that is frozen since `frozenSince`, unless it was replaced already. Resolves when the new one runs. */
  replace(process: string, frozenSince: number): Promise<void>;
  /** Replaces a process in which no program runs. Resolves when the new one runs. */
  renew(process: string): Promise<void>;
  /** Why the process ended after `since` (milliseconds since the epoch); undefined if it did not. */
  endingOf(process: string, since: number): Promise<EndingReason | undefined>;
}

/** The host keeps a process for longer than this after it was asked for it. */
const ensuredMs = 60_000;
/** Process → when it was last asked for, in milliseconds since the epoch. Shared by all sessions, as the processes are. */
const ensuredAt = new Map<string, number>();

export function createSandboxHost(binding: Fetcher): SandboxHost {
  const ask = (path: string, method: "GET" | "POST") => binding.fetch(`http://host/${path}`, { method });
  return {
    async ensure(process) {
      if (Date.now() - (ensuredAt.get(process) ?? 0) < ensuredMs) return;
      const { ok } = await ask(`${process}/ensure`, "POST");
      if (!ok) throw new OrchestratorError("server_unavailable", notStarted(process));
      ensuredAt.set(process, Date.now());
    },
    isWell: async (process) => (await ask(`${process}/well`, "GET")).ok,
    async replace(process, frozenSince) {
      await ask(`${process}/replace?since=${frozenSince}`, "POST");
    },
    async renew(process) {
      await ask(`${process}/renew`, "POST");
    },
    async endingOf(process, since) {
      const response = await ask(`${process}/ending?since=${since}`, "GET");
      return response.status === 200 ? Ending.parse(await response.json()).reason : undefined;
    },
  };
}

function notStarted(process: string): string {
  return `The process "${process}" does not start. Its log is in the folder .wrangler/local/<port>/logs of the project; free memory or stop other programs, and run this again.`;
}
