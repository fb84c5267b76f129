import { OrchestratorError } from "../../core/errors.ts";
import { cpuLimitMessage, memoryLimitMessage } from "../../core/limit-messages.ts";
import { limits } from "../../core/limits.ts";
import type { Sandbox as SandboxPort } from "../../core/run/sandbox.ts";
import { ProcessLost, runIn } from "./attempt.ts";
import type { EndingReason, SandboxHost } from "./host.ts";
import type { Process } from "./processes.ts";
import { leaseForRenewal, leaseProcess } from "./slots.ts";

/** Attempts to run a program that is lost with its process through no fault of its own. */
const attemptsMax = 3;
/** A restarted process can be reached only shortly after it runs. */
const reconnectDelayMs = 100;
const connectAttemptsMax = 50;

/** Implements the sandbox port with a number of processes, given by name. */
export function createSandbox(processes: ReadonlyMap<string, Process>): SandboxPort {
  return {
    async run(program, caller, options) {
      const { signal } = options;
      const leaseOptions = { expiresAt: () => options.deadline() + limits.runGraceMs, signal };
      let attempts = 0;
      for (let connects = 1; ; connects++) {
        const lease = await leaseProcess([...processes.keys()], { ...leaseOptions, isExclusive: attempts > 0 });
        const process = processes.get(lease.process);
        if (process === undefined) throw new Error(`no sandbox process ${lease.process}`);
        const host = process.watch?.host;
        try {
          await process.ready();
          options.onStart();
          const report = await runIn(process, { program, caller, options, lease });
          lease.release();
          if (host) await renewIfDue(host, lease.process);
          return report;
        } catch (error) {
          if (!(error instanceof ProcessLost)) {
            lease.release();
            throw error;
          }
          lease.lose();
          options.onLost();
          if (error.arrivedAt === undefined && connects < connectAttemptsMax) {
            await scheduler.wait(reconnectDelayMs, { signal });
            continue;
          }
          attempts += 1;
          const reason = error.arrivedAt === undefined ? undefined : await host?.endingOf(lease.process, error.arrivedAt);
          const isAtFault = reason !== undefined && reason !== "renewed" && lease.wasAlone;
          const hasActed = options.hasActed();
          if (!isAtFault && !hasActed && attempts < attemptsMax) continue;
          throw lossError({ reason: isAtFault ? reason : undefined, hasActed, timeoutMs: options.timeoutMs, cause: error.cause });
        }
      }
    },
  };
}

/**
 * workerd never frees some 70 KB of each isolate that it loaded. Before that adds up to the memory limit, the process is replaced
 * while it is empty. The program that ended last is answered after that.
 */
async function renewIfDue(host: SandboxHost, process: string): Promise<void> {
  const lease = leaseForRenewal(process, { programsMax: limits.programsPerProcess, expiresAfterMs: limits.runGraceMs });
  if (lease === undefined) return;
  try {
    await host.renew(process);
  } finally {
    lease.release();
  }
}

interface Loss {
  /** Why the process ended; undefined if this program did not cause it. */
  reason: EndingReason | undefined;
  hasActed: boolean;
  timeoutMs: number;
  cause: unknown;
}

function lossError({ reason, hasActed, timeoutMs, cause }: Loss): OrchestratorError {
  if (reason === "cpu") return new OrchestratorError("cpu_limit", cpuLimitMessage(timeoutMs), { cause });
  if (reason === "memory") return new OrchestratorError("memory_limit", memoryLimitMessage, { cause });
  const next = hasActed
    ? "It had made calls already, so it was not run again: `calls` says what happened."
    : "Run it again. If that does not help, restart the orchestrator.";
  return new OrchestratorError(
    "internal",
    `The sandbox process that ran the program was lost, with every program in it. ${next}`,
    {
      cause,
    },
  );
}
