import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { limits } from "../../core/limits.ts";
import type { RegistryDesk } from "../../core/registry/registry-change.ts";
import { serveControl } from "../sandbox/control-server.ts";
import { workerdBinary } from "../sandbox/workerd-binary.ts";
import { type EndingReason, WorkerdProcess } from "../sandbox/workerd-process.ts";
import type { Launch } from "../stdio/process-group.ts";
import { AuditFile } from "./audit-file.ts";
import { builtFiles } from "./code-copy.ts";
import { hostedConfig, hostSocket, socketOf } from "./workerd-config.ts";

/** Longer than the Worker waits before it asks for a replacement. Only for programs whose session is gone. */
const frozenMs = limits.runCpuMs + 5_000;
const idleMs = limits.idleProcessMs;

/** What each process runs. Local workerd limits neither computing time nor memory, so the process is watched. */
const processes = {
  sandbox: { entrypoint: "Sandbox", memoryMiB: limits.sandboxMemoryMiB },
  /** Takes the programs while one of them blocks the first. */
  spare: { entrypoint: "Sandbox", memoryMiB: limits.sandboxMemoryMiB, idleMs },
  /** Runs what the sessions of the server `sandbox` run, which programs in the others wait for. */
  shell: { entrypoint: "Sandbox", memoryMiB: limits.sandboxMemoryMiB, idleMs },
  compiler: { entrypoint: "Compiler", memoryMiB: limits.compilerMemoryMiB, idleMs },
} as const;

/** Binding of the main Worker → process. */
export const entrypoints = { SANDBOX: "sandbox", SANDBOX_SPARE: "spare", SANDBOX_SHELL: "shell", COMPILER: "compiler" } as const;

export interface HostedOptions {
  /** Of configurations, sockets and code. */
  runFolder: string;
  logFolder: string;
  auditFolder: string;
  compatibilityDate: string;
  environment: Record<string, string>;
  registry: RegistryDesk;
  /** Called when a process was replaced for one of these reasons. */
  onReplaced: (process: string, reason: keyof typeof replacementReasons) => void;
}

/** The processes in which programs run and are read. */
export interface HostedProcesses {
  /** Resolves when programs can run. */
  start(): Promise<void>;
  /** Starts what would otherwise start with the first program. */
  warm(): void;
  stop(): Promise<void>;
}

/** Writes their configurations and serves their interface for the main Worker. Nothing is started yet. */
export async function hostProcesses(options: HostedOptions): Promise<HostedProcesses> {
  const { runFolder, compatibilityDate } = options;
  const hosted = new Map<string, WorkerdProcess>();
  for (const [name, { entrypoint, ...bounds }] of Object.entries(processes)) {
    await writeFile(
      join(runFolder, `${name}.capnp`),
      hostedConfig({
        ...{ process: name, compatibilityDate, entrypoint },
        ...{ script: builtFiles.sandbox, assets: join(runFolder, builtFiles.compiler, "..") },
      }),
    );
    hosted.set(
      name,
      new WorkerdProcess({
        name,
        launch: launchWorkerd(`${name}.capnp`, { folder: runFolder, environment: options.environment }),
        socketPath: join(runFolder, socketOf(name)),
        logFile: join(options.logFolder, `${name}.log`),
        frozenMs,
        ...bounds,
        onEnding: ({ reason }) => {
          // A planned end interrupts nothing and is not reported.
          if (isReplacement(reason)) options.onReplaced(name, reason);
        },
      }),
    );
  }
  const audit = new AuditFile(options.auditFolder);
  const control = await serveControl({
    socketPath: join(runFolder, hostSocket),
    processes: hosted,
    onAudit: (lines) => audit.append(lines),
    registry: options.registry,
  });
  return {
    async start() {
      await hosted.get("sandbox")?.ensure();
    },
    warm() {
      // If it fails, the first program learns why.
      hosted
        .get("compiler")
        ?.ensure()
        .catch(() => {});
    },
    async stop() {
      control.close();
      control.closeAllConnections();
      await Promise.all([...hosted.values()].map((process) => process.stop()));
    },
  };
}

/** workerd with a configuration in its working directory, and without an inspector. */
export function launchWorkerd(
  config: string,
  { folder, environment }: { folder: string; environment: Record<string, string> },
): Launch {
  // Worker Loader is marked as experimental in workerd.
  return { command: workerdBinary, args: ["serve", "--experimental", config], cwd: folder, env: environment };
}

export const replacementReasons = {
  cpu: "was replaced: a program in it computed without end",
  memory: `was replaced: a program in it needed more than ${limits.sandboxMemoryMiB} MiB`,
  crash: "ended by itself and was replaced",
} as const;

function isReplacement(reason: EndingReason): reason is keyof typeof replacementReasons {
  return Object.hasOwn(replacementReasons, reason);
}
