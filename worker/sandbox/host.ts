import { z } from "zod";

/** Why a sandbox process ended: it exceeded a limit, crashed, or was renewed. */
const Ending = z.object({ reason: z.enum(["cpu", "memory", "crash", "renewed"]) });
export type EndingReason = z.infer<typeof Ending>["reason"];

/** Watches and replaces the sandbox processes under `npm start`: see bridge/sandbox/host.ts. */
export interface SandboxHost {
  /** Kills the process that is frozen since `frozenSince`, unless it was replaced already. Resolves when the new one runs. */
  replace(process: string, frozenSince: number): Promise<void>;
  /** Replaces a process in which no program runs. Resolves when the new one runs. */
  renew(process: string): Promise<void>;
  /** Why the process ended after `since` (milliseconds since the epoch); undefined if it did not. */
  endingOf(process: string, since: number): Promise<EndingReason | undefined>;
}

export function createSandboxHost(url: string): SandboxHost {
  return {
    async replace(process, frozenSince) {
      await fetch(`${url}/${process}/replace?since=${frozenSince}`, { method: "POST" });
    },
    async renew(process) {
      await fetch(`${url}/${process}/renew`, { method: "POST" });
    },
    async endingOf(process, since) {
      const response = await fetch(`${url}/${process}/ending?since=${since}`);
      return response.status === 200 ? Ending.parse(await response.json()).reason : undefined;
    },
  };
}
