import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import type { RegistryDesk } from "../../core/registry/registry-change.ts";
import { becomesReady } from "../sandbox/probe.ts";
import { copyCode } from "./code-copy.ts";
import { hostProcesses, replacementReasons } from "./hosted-processes.ts";
import { localSecrets, type SecretsOptions } from "./local-secrets.ts";
import { makeRunFolder } from "./run-folder.ts";
import { Supervisor } from "./supervisor.ts";
import { launchWorker } from "./worker-launch.ts";

export interface LocalStackOptions extends SecretsOptions {
  projectRoot: string;
  port: number;
  /** Text of the registry at the start. */
  registryText: string;
  /** The registry file, for the console. */
  registry: RegistryDesk;
  /** PATH, HOME and similar variables for the processes. */
  environment: Record<string, string>;
  onRestart: (name: string, reason: string) => void;
  /** Called when the Worker answers again after a restart. */
  onWorkerBack: () => void;
}

/** The Worker on this machine, and beside it the processes in which programs are read and run. */
export interface LocalStack {
  url: string;
  /** The bridge's token: BRIDGE_TOKEN of the secrets, otherwise generated at each start. */
  bridgeToken: string;
  /** The token that clients need: AUTH_TOKEN of the user, otherwise generated at the first start. Undefined where all are let in. */
  authToken: string | undefined;
  /** The user has chosen it, and may use it elsewhere too. */
  isTokenChosen: boolean;
  logFolder: string;
  stop(): Promise<void>;
}

/**
 * Starts the Worker and the sandbox on workerd, and waits until both answer. If one does not, both are stopped before this
 * rejects.
 * @throws OrchestratorError `server_unavailable` with the last lines of the process that failed
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { projectRoot, port, folder, environment } = options;
  const logFolder = join(folder, "logs");
  await mkdir(logFolder, { recursive: true, mode: 0o700 });
  const { secrets, isTokenChosen } = await localSecrets(options);
  const runFolder = await makeRunFolder(join(folder, "run"));
  await copyCode(join(projectRoot, "dist"), runFolder.path);
  const compatibilityDate = await readCompatibilityDate(projectRoot);
  const hosted = await hostProcesses({
    runFolder: runFolder.path,
    ...{ logFolder, auditFolder: join(folder, "audit"), compatibilityDate, environment, registry: options.registry },
    onReplaced: (process, reason) => options.onRestart(process, replacementReasons[reason]),
  });
  const worker = new Supervisor(
    {
      name: "worker",
      launch: await launchWorker(options, { runFolder: runFolder.path, compatibilityDate, secrets }),
      address: { port },
      healthPath: "/livez",
      logFile: join(logFolder, "worker.log"),
    },
    { onRestart: (reason) => options.onRestart("worker", reason), onBack: options.onWorkerBack },
  );

  const stop = async () => {
    await Promise.all([worker.stop(), hosted.stop()]);
    await runFolder[Symbol.asyncDispose]();
  };
  try {
    await Promise.all([worker.start(), hosted.start()]);
    // Each answers before the Worker has reached the sandbox, but only then can a program run.
    const signal = AbortSignal.timeout(sandboxReachedMs);
    if (!(await becomesReady({ port }, { path: "/readyz", signal }))) {
      throw new OrchestratorError("server_unavailable", `The Worker does not reach its sandbox. See the logs in ${logFolder}`);
    }
    hosted.warm();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    bridgeToken: secrets.get("BRIDGE_TOKEN") ?? "",
    authToken: secrets.get("AUTH_TOKEN"),
    isTokenChosen,
    logFolder,
    stop,
  };
}

/** How long the Worker may take to reach the sandbox once both run. */
const sandboxReachedMs = 30_000;

const WranglerFile = z.object({ compatibility_date: z.string() });

async function readCompatibilityDate(projectRoot: string): Promise<string> {
  return WranglerFile.parse(parse(await readFile(join(projectRoot, "wrangler.toml"), "utf8"))).compatibility_date;
}
