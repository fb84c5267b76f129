import { OrchestratorError } from "../../core/errors.ts";
import { cpuLimitMessage, memoryLimitMessage } from "../../core/limit-messages.ts";
import { limits } from "../../core/limits.ts";
import type { Sandbox as SandboxPort } from "../../core/run/sandbox.ts";
import { ProcessLost, runIn } from "./attempt.ts";
import type { EndingReason, SandboxHost } from "./host.ts";
import type { Process } from "./processes.ts";
import { enterForRenewal, enterProcess } from "./slots.ts";

/** A program that was lost with its process and had no part in it runs again so often. */
const attemptsMax = 3;
/** A process that starts again is known here a moment after it runs. */
const reachAgainMs = 100;
const reachesMax = 50;

/** The sandbox port over processes, by name. */
export function createSandbox(processes: ReadonlyMap<string, Process>): SandboxPort {
  return {
    async run(program, caller, options) {
      const { signal } = options;
      const stayOptions = { expiresAt: () => options.deadline() + limits.runGraceMs, signal };
      let attempts = 0;
      for (let reaches = 1; ; reaches++) {
        const stay = await enterProcess([...processes.keys()], { ...stayOptions, isExclusive: attempts > 0 });
        const process = processes.get(stay.process);
        if (process === undefined) throw new Error(`no sandbox process ${stay.process}`);
        const host = process.watch?.host;
        options.onStart();
        try {
          const report = await runIn(process, { program, caller, options, stay });
          stay.leave();
          if (host) await renewIfWorn(host, stay.process);
          return report;
        } catch (error) {
          if (!(error instanceof ProcessLost)) {
            stay.leave();
            throw error;
          }
          stay.lose();
          options.onLost();
          if (error.arrivedAt === undefined && reaches < reachesMax) {
            await scheduler.wait(reachAgainMs, { signal });
            continue;
          }
          attempts += 1;
          const reason = error.arrivedAt === undefined ? undefined : await host?.endingOf(stay.process, error.arrivedAt);
          const isAtFault = reason !== undefined && reason !== "renewed" && stay.isAlone;
          const hasActed = options.hasActed();
          if (!isAtFault && !hasActed && attempts < attemptsMax) continue;
          throw lossError({ reason: isAtFault ? reason : undefined, hasActed, timeoutMs: options.timeoutMs, cause: error.cause });
        }
      }
    },
  };
}

/**
 * workerd keeps a little of every isolate that it ever loaded, some 70 KB. Before that adds up to what a program is stopped for, an
 * empty process is replaced; the program whose end it waits for is answered a moment later.
 */
async function renewIfWorn(host: SandboxHost, process: string): Promise<void> {
  const stay = enterForRenewal(process, { programsMax: limits.programsPerProcess, expiresAfterMs: limits.runGraceMs });
  if (stay === undefined) return;
  try {
    await host.renew(process);
  } finally {
    stay.leave();
  }
}

interface Loss {
  /** Why the process ended, when this program is to blame. */
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
    : "Run it once more; if that does not help, start the orchestrator anew.";
  return new OrchestratorError("internal", `The process that ran the program was lost, with all programs in it. ${next}`, {
    cause,
  });
}
