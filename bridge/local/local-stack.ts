import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { readSecrets } from "../registry/worker-secrets.ts";
import type { HostOptions } from "../sandbox/host-options.ts";
import type { Launch } from "../stdio/process-group.ts";
import { findFreePort } from "./free-port.ts";
import { becomesHealthy } from "./health.ts";
import { keepSecret } from "./kept-secret.ts";
import { Supervisor } from "./supervisor.ts";
import { hostedWorkers, writeLocalConfig } from "./wrangler-config.ts";

export interface LocalStackOptions {
  projectRoot: string;
  port: number;
  /** Holds the storage, logs and generated configuration of this stack. */
  folder: string;
  /** Text of the registry at the start. */
  registryText: string;
  /** Files of Worker secrets; a later file overrides an earlier one. */
  secretFiles: readonly string[];
  /** PATH, HOME and similar variables for wrangler. */
  environment: Record<string, string>;
  onRestart: (name: string, reason: string) => void;
}

/** The Worker and the sandbox host on this machine, each in a process of its own. */
export interface LocalStack {
  url: string;
  /** The bridge's token: BRIDGE_TOKEN of the secrets, otherwise generated at each start. */
  bridgeToken: string;
  /** The token that clients of /mcp need: AUTH_TOKEN of the secrets, if it is set. */
  authToken: string | undefined;
  logFolder: string;
  stop(): Promise<void>;
}

/**
 * Starts the Worker under `wrangler dev` and the sandbox host, and waits until both answer. If one does not, both are stopped
 * before this rejects.
 * @throws OrchestratorError `server_unavailable` with the last lines of the process that failed
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { projectRoot, port, folder, environment, secretFiles } = options;
  const url = `http://127.0.0.1:${port}`;
  const secrets = await readSecrets(secretFiles);
  const bridgeToken = secrets.BRIDGE_TOKEN || randomBytes(32).toString("base64url");
  const logFolder = join(folder, "logs");
  await mkdir(logFolder, { recursive: true, mode: 0o700 });
  // Both processes use the output of wrangler.toml's build command, so it is built once, before they start.
  await promisify(execFile)(process.execPath, [join(projectRoot, "worker/sandbox/build.ts")], { env: environment });
  const oauthFile = join(folder, "oauth.env");
  if (!secrets.OAUTH_KEY) await keepSecret(oauthFile, "OAUTH_KEY");
  const hostPort = await findFreePort();
  const hostToken = randomBytes(32).toString("base64url");
  // In a file, because wrangler prints the beginning of each variable in its configuration, but nothing of an --env-file.
  const tokensFile = join(folder, "tokens.env");
  const tokens = [`BRIDGE_TOKEN=${bridgeToken}`, `SANDBOX_HOST=http://127.0.0.1:${hostPort}/${hostToken}`];
  await writeFile(tokensFile, `${tokens.join("\n")}\n`, { mode: 0o600 });
  const config = await writeLocalConfig({ projectRoot, folder, variables: { MCP_REGISTRY: options.registryText } });
  // A separate dev registry, so that two stacks on one machine do not find each other's sandbox.
  const registryFolder = join(folder, "registry");
  // A killed process stays registered, and its successor would wait 90 s for that entry to expire.
  const unregister = async (names: readonly string[]) => {
    await Promise.all(names.map((name) => rm(join(registryFolder, name), { force: true })));
  };
  const host = new Supervisor(
    {
      name: "sandbox",
      launch: await hostLaunch(
        {
          port: hostPort,
          token: hostToken,
          script: join(projectRoot, "dist/sandbox/index.mjs"),
          compatibilityDate: config.compatibilityDate,
          assetsFolder: config.assetsFolder,
          registryFolder,
          sandboxes: { sandbox: hostedWorkers.sandbox, spare: hostedWorkers.spare },
          compiler: hostedWorkers.compiler,
        },
        options,
      ),
      healthUrl: `http://127.0.0.1:${hostPort}/livez`,
      logFile: join(logFolder, "sandbox.log"),
      prepare: () => unregister(Object.values(hostedWorkers)),
      onLine: (line) => {
        const replaced = readReplaced(line);
        // A planned renewal interrupts nothing and is not reported.
        if (replaced && replaced.reason !== "renewed") options.onRestart(replaced.process, replacementReasons[replaced.reason]);
      },
    },
    { onRestart: (reason) => options.onRestart("sandbox", reason) },
  );
  const worker = new Supervisor(
    {
      name: "worker",
      launch: workerLaunch({
        ...options,
        config: config.path,
        inspectorPort: await findFreePort(),
        secretFiles: [...secretFiles, tokensFile, ...(secrets.OAUTH_KEY ? [] : [oauthFile])],
        registryFolder,
      }),
      healthUrl: `${url}/livez`,
      logFile: join(logFolder, "worker.log"),
      prepare: () => unregister([config.name]),
    },
    { onRestart: (reason) => options.onRestart("worker", reason) },
  );

  const stop = async () => {
    await Promise.all([worker.stop(), host.stop()]);
  };
  try {
    await Promise.all([worker.start(), host.start()]);
    // Both answer before the Worker has found the sandbox, but only then can a program run.
    if (!(await becomesHealthy(`${url}/readyz`, { withinMs: sandboxFoundMs, isOver: () => false }))) {
      throw new OrchestratorError("server_unavailable", `The Worker does not reach its sandbox. See the logs in ${logFolder}`);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, bridgeToken, authToken: secrets.AUTH_TOKEN || undefined, logFolder, stop };
}

async function hostLaunch(hostOptions: HostOptions, { projectRoot, folder, environment }: LocalStackOptions): Promise<Launch> {
  const path = join(folder, "sandbox-host.json");
  await writeFile(path, JSON.stringify(hostOptions, null, 2), { mode: 0o600 });
  return {
    command: process.execPath,
    args: [join(projectRoot, "bridge/sandbox/host.ts"), path],
    cwd: projectRoot,
    env: environment,
  };
}

interface WorkerLaunchOptions extends LocalStackOptions {
  config: string;
  inspectorPort: number;
  secretFiles: readonly string[];
  registryFolder: string;
}

function workerLaunch(options: WorkerLaunchOptions): Launch {
  const { projectRoot, port, folder, environment, config, inspectorPort, secretFiles, registryFolder } = options;
  return {
    // The same Node that runs this process, not the one on the PATH.
    command: process.execPath,
    args: [
      ...[join(projectRoot, "node_modules/wrangler/bin/wrangler.js"), "dev"],
      ...["--config", config, "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(inspectorPort)],
      ...["--persist-to", join(folder, "state"), "--show-interactive-dev-session=false"],
      // Only the orchestrator gets the secrets; the sandbox, where programs run, gets none.
      ...secretFiles.flatMap((path) => ["--env-file", path]),
    ],
    cwd: projectRoot,
    env: {
      ...environment,
      WRANGLER_REGISTRY_PATH: registryFolder,
      WRANGLER_SEND_METRICS: "false",
      // Observability would store the URL of every request, and an OAuth callback's URL holds the authorization code.
      X_LOCAL_OBSERVABILITY: "false",
      NO_COLOR: "1",
    },
  };
}

/** The line that the sandbox host prints when one of its processes was replaced. workerd's own output is in between. */
const Replaced = z.object({
  event: z.literal("sandbox_replaced"),
  process: z.string(),
  reason: z.enum(["cpu", "memory", "crash", "renewed"]),
});

function readReplaced(line: string): z.infer<typeof Replaced> | undefined {
  try {
    return Replaced.safeParse(JSON.parse(line)).data;
  } catch {
    // A line of workerd, not JSON.
    return undefined;
  }
}

const replacementReasons = {
  cpu: "was replaced: a program in it computed without end",
  memory: `was replaced: a program in it needed more than ${limits.sandboxMemoryMiB} MiB`,
  crash: "ended by itself and was replaced",
} as const;

/** How long the Worker may take to find the sandbox once both run. */
const sandboxFoundMs = 30_000;
