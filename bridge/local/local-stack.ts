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
import { apartWorkers, writeLocalConfig } from "./wrangler-config.ts";

export interface LocalStackOptions {
  projectRoot: string;
  port: number;
  /** Storage, logs and generated configuration of this stack. */
  folder: string;
  /** Text of the registry, as it is at the start. */
  registryText: string;
  /** The Worker's secrets; of two values the later file's counts. */
  secretFiles: readonly string[];
  /** PATH, HOME and the like for wrangler. */
  environment: Record<string, string>;
  onRestart: (name: string, reason: string) => void;
}

/** The Worker and the sandbox host on this machine, each in a process of its own. */
export interface LocalStack {
  url: string;
  /** What the bridge presents; made anew for each stack, unless the secrets name one. */
  bridgeToken: string;
  /** What callers of /mcp present, when the secrets name one. */
  authToken: string | undefined;
  logFolder: string;
  stop(): Promise<void>;
}

/**
 * Starts both under `wrangler dev` and waits until they answer. When one does not, both are stopped before this rejects.
 * @throws OrchestratorError `server_unavailable` with the last lines of what failed
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { projectRoot, port, folder, environment, secretFiles } = options;
  const url = `http://127.0.0.1:${port}`;
  const secrets = await readSecrets(secretFiles);
  const bridgeToken = secrets.BRIDGE_TOKEN || randomBytes(32).toString("base64url");
  const logFolder = join(folder, "logs");
  await mkdir(logFolder, { recursive: true, mode: 0o700 });
  // What wrangler.toml's build command makes; two processes share it, so it is made once before both.
  await promisify(execFile)(process.execPath, [join(projectRoot, "worker/sandbox/build.ts")], { env: environment });
  const oauthFile = join(folder, "oauth.env");
  if (!secrets.OAUTH_KEY) await keepSecret(oauthFile, "OAUTH_KEY");
  const hostPort = await findFreePort();
  const hostToken = randomBytes(32).toString("base64url");
  // wrangler prints the beginning of each variable of its configuration, and hides what comes from a file.
  const doorsFile = join(folder, "doors.env");
  const doors = [`BRIDGE_TOKEN=${bridgeToken}`, `SANDBOX_HOST=http://127.0.0.1:${hostPort}/${hostToken}`];
  await writeFile(doorsFile, `${doors.join("\n")}\n`, { mode: 0o600 });
  const config = await writeLocalConfig({ projectRoot, folder, variables: { MCP_REGISTRY: options.registryText } });
  // A dev registry of its own: two stacks on one machine must not find each other's sandbox.
  const registryFolder = join(folder, "registry");
  // Who was killed stays registered, and its successor waits 90 s for that to age before it registers.
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
          sandboxes: { sandbox: apartWorkers.sandbox, spare: apartWorkers.spare },
          compiler: apartWorkers.compiler,
        },
        options,
      ),
      healthUrl: `http://127.0.0.1:${hostPort}/livez`,
      logFile: join(logFolder, "sandbox.log"),
      prepare: () => unregister(Object.values(apartWorkers)),
      onLine: (line) => {
        const replaced = readReplaced(line);
        // A renewal concerns nobody.
        if (replaced && replaced.reason !== "renewed") options.onRestart(replaced.process, replacedBecause[replaced.reason]);
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
        // As a secret and not as a variable, because wrangler prints variables.
        secretFiles: [...secretFiles, doorsFile, ...(secrets.OAUTH_KEY ? [] : [oauthFile])],
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
    // Each answers by itself before the one has found the other; only then can a program run.
    if (!(await becomesHealthy(`${url}/readyz`, { withinMs: joinMs, isOver: () => false }))) {
      throw new OrchestratorError("server_unavailable", `The Worker does not reach its sandbox. Their logs: ${logFolder}`);
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
    // Under the Node that runs this, whatever the machine's own is.
    command: process.execPath,
    args: [
      ...[join(projectRoot, "node_modules/wrangler/bin/wrangler.js"), "dev"],
      ...["--config", config, "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(inspectorPort)],
      ...["--persist-to", join(folder, "state"), "--show-interactive-dev-session=false"],
      // The secrets are the orchestrator's; where programs run there is none.
      ...secretFiles.flatMap((path) => ["--env-file", path]),
    ],
    cwd: projectRoot,
    env: {
      ...environment,
      WRANGLER_REGISTRY_PATH: registryFolder,
      WRANGLER_SEND_METRICS: "false",
      // It would keep the address of every request, and a login comes back in one.
      X_LOCAL_OBSERVABILITY: "false",
      NO_COLOR: "1",
    },
  };
}

/** What the sandbox host prints when a process of its was replaced; among it stands whatever workerd prints. */
const Replaced = z.object({
  event: z.literal("sandbox_replaced"),
  process: z.string(),
  reason: z.enum(["cpu", "memory", "crash", "renewed"]),
});

function readReplaced(line: string): z.infer<typeof Replaced> | undefined {
  try {
    return Replaced.safeParse(JSON.parse(line)).data;
  } catch {
    // One of workerd's own lines.
    return undefined;
  }
}

const replacedBecause = {
  cpu: "a program in it computed without end; it was replaced",
  memory: `a program in it needed more than ${limits.sandboxMemoryMiB} MiB; it was replaced`,
  crash: "ended by itself; it was replaced",
} as const;

/** How long the Worker may take to find the sandbox, once both run. */
const joinMs = 30_000;
