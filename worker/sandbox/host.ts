import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";

/** Why a sandbox process ended: it exceeded a limit, crashed, was renewed, or was not needed for a while. */
const Ending = z.object({ reason: z.enum(["cpu", "memory", "crash", "renewed", "idle"]) });
export type EndingReason = z.infer<typeof Ending>["reason"];

const Computed = z.object({ ms: z.number().optional() });

/**
 * Starts, watches and replaces the sandbox processes under `npm start`: see bridge/sandbox/control-server.ts. Everything here throws
 * OrchestratorError `server_unavailable` when the host itself does not answer.
 */
export interface SandboxHost {
  /**
   * Starts a process that runs only when it is needed. Resolves when it answers.
   * @throws OrchestratorError `server_unavailable` when it does not start, or not within `withinMs`
   */
  ensure(process: string, withinMs: number): Promise<void>;
  /** Whether the process can do its work, or could when it is started: it is not started for this. */
  isWell(process: string): Promise<boolean>;
  /** Kills the process that is frozen since `frozenSince`, unless it was replaced already. Resolves when the new one runs. */
  replace(process: string, frozenSince: number): Promise<void>;
  /** Replaces a process in which no program runs. Resolves when the new one runs. */
  renew(process: string): Promise<void>;
  /** How long the process has computed after `since`, in milliseconds; undefined if nobody knows. */
  computedSince(process: string, since: number): Promise<number | undefined>;
  /** Why the process ended after `since` (milliseconds since the epoch); undefined if it did not. */
  endingOf(process: string, since: number): Promise<EndingReason | undefined>;
}

/** The host keeps a process for longer than this after it was asked for it. */
const ensuredMs = 60_000;
/** Process → when it was last asked for, in milliseconds since the epoch. Shared by all sessions, as the processes are. */
const ensuredAt = new Map<string, number>();

/** A process may take long to start, but the host itself answers at once: it is asked this often whether it is there, for so long. */
const presenceEveryMs = 1_000;
const presenceMs = 3_000;

type Host = Pick<Fetcher, "fetch">;

export function createSandboxHost(binding: Host): SandboxHost {
  async function ask(path: string, method: "GET" | "POST"): Promise<Response> {
    const over = new AbortController();
    const asked = binding.fetch(`http://host/${path}`, { method }).catch((cause: unknown) => {
      throw new OrchestratorError("server_unavailable", hostGone, { phase: "run", cause });
    });
    try {
      return await Promise.race([asked, untilSilent(binding, over.signal)]);
    } finally {
      over.abort();
    }
  }
  return {
    async ensure(process, withinMs) {
      if (Date.now() - (ensuredAt.get(process) ?? 0) < ensuredMs) return;
      const over = new AbortController();
      const late = scheduler.wait(withinMs, { signal: over.signal }).then(() => undefined);
      const started = await Promise.race([ask(`${process}/ensure`, "POST"), late]).finally(() => over.abort());
      if (!started?.ok) throw new OrchestratorError("server_unavailable", notStarted(process), { phase: "run" });
      ensuredAt.set(process, Date.now());
    },
    isWell: async (process) => (await ask(`${process}/well`, "GET")).ok,
    async replace(process, frozenSince) {
      await ask(`${process}/replace?since=${frozenSince}`, "POST");
    },
    async renew(process) {
      await ask(`${process}/renew`, "POST");
    },
    async computedSince(process, since) {
      return Computed.parse(await (await ask(`${process}/computed?since=${since}`, "GET")).json()).ms;
    },
    async endingOf(process, since) {
      const response = await ask(`${process}/ending?since=${since}`, "GET");
      return response.status === 200 ? Ending.parse(await response.json()).reason : undefined;
    },
  };
}

/** @throws OrchestratorError when the host does not answer; the signal's reason when that aborts */
async function untilSilent(binding: Host, signal: AbortSignal): Promise<never> {
  for (;;) {
    await scheduler.wait(presenceEveryMs, { signal });
    const silence = AbortSignal.timeout(presenceMs);
    try {
      await binding.fetch("http://host/", { signal: AbortSignal.any([silence, signal]) });
    } catch (cause) {
      if (silence.aborted) throw new OrchestratorError("server_unavailable", hostSilent, { phase: "run", cause });
    }
  }
}

const hostSilent = `The process of "npm start" has not answered for ${(presenceEveryMs + presenceMs) / 1_000} s. It starts and watches those in which programs are read and run. Run this again; if that does not help, restart the orchestrator.`;

const hostGone =
  'The process of "npm start" cannot be reached: it has ended, or is about to. Start it again, and run this once more.';

function notStarted(process: string): string {
  return `The process "${process}" does not start. Its log is in the folder .wrangler/local/<port>/logs of the project; free memory or stop other programs, and run this again.`;
}
