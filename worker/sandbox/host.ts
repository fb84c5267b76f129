import { z } from "zod";

/** Why a sandbox process was ended: over its bound, or by itself. */
const Ending = z.object({ reason: z.enum(["cpu", "memory", "crash", "renewed"]) });
export type EndingReason = z.infer<typeof Ending>["reason"];

/** What watches and replaces the sandbox processes under `npm start`: see bridge/sandbox-host.ts. */
export interface SandboxHost {
  /** Ends the process that has been frozen since then, unless it was replaced meanwhile. Resolves when its successor runs. */
  replace(process: string, frozenSince: number): Promise<void>;
  /** Replaces a process that nothing runs in. Resolves when its successor runs. */
  renew(process: string): Promise<void>;
  /** Why the process ended after `since` (milliseconds since the epoch); undefined when it did not. */
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
