import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { OrchestratorError } from "../core/errors.ts";
import { findFreePort } from "./free-port.ts";
import { becomesHealthy } from "./health.ts";
import type { Launch } from "./process-group.ts";
import { type Supervised, Supervisor } from "./supervisor.ts";
import { type LocalWorker, writeLocalConfigs } from "./wrangler-config.ts";

export interface LocalStackOptions {
  projectRoot: string;
  port: number;
  /** Storage, logs and generated configuration of this stack. */
  folder: string;
  /** Text of another registry than the one that is built in. */
  registryText?: string | undefined;
  /** PATH, HOME and the like for wrangler. */
  environment: Record<string, string>;
  onRestart: (name: string, reason: string) => void;
}

interface LocalProcess {
  /** As messages and log files name it. */
  title: string;
  ownPort: number;
  healthPath: string;
  /** Further arguments of wrangler dev. */
  args: readonly string[];
}

/** The Worker and the sandbox on this machine, each in a process of its own. */
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
  const { projectRoot, port, folder, environment } = options;
  const url = `http://127.0.0.1:${port}`;
  const secretFiles = secretFilesOf(projectRoot);
  const secrets = await readSecrets(secretFiles);
  const bridgeToken = secrets.BRIDGE_TOKEN || randomBytes(32).toString("base64url");
  const logFolder = join(folder, "logs");
  await mkdir(logFolder, { recursive: true, mode: 0o700 });
  // What wrangler.toml's build command makes; two Workers share it, so it is made once before both.
  await promisify(execFile)(process.execPath, [join(projectRoot, "worker/sandbox/compiler/build.ts")], { env: environment });
  const workers = await writeLocalConfigs({
    projectRoot,
    folder,
    variables: {
      BRIDGE_TOKEN: bridgeToken,
      ...(options.registryText === undefined ? {} : { MCP_REGISTRY: options.registryText }),
    },
  });
  // A dev registry of its own: two stacks on one machine must not find each other's sandbox.
  const registryFolder = join(folder, "registry");
  const supervise = async ({ name, config }: LocalWorker, { title, ownPort, healthPath, args }: LocalProcess) => {
    const inspectorPort = await findFreePort();
    const launch: Launch = {
      // Under the Node that runs this, whatever the machine's own is.
      command: process.execPath,
      args: [
        ...[join(projectRoot, "node_modules/wrangler/bin/wrangler.js"), "dev"],
        ...["--config", config, "--ip", "127.0.0.1", "--port", String(ownPort), "--inspector-port", String(inspectorPort)],
        ...["--persist-to", join(folder, "state"), "--show-interactive-dev-session=false"],
        ...args,
      ],
      cwd: projectRoot,
      env: { ...environment, WRANGLER_REGISTRY_PATH: registryFolder, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" },
    };
    const supervised: Supervised = {
      name: title,
      launch,
      healthUrl: `http://127.0.0.1:${ownPort}${healthPath}`,
      logFile: join(logFolder, `${title}.log`),
      // A wrangler that was killed stays registered, and its successor waits 90 s for that to age before it registers.
      prepare: () => rm(join(registryFolder, name), { force: true }),
    };
    return new Supervisor(supervised, { onRestart: (reason) => options.onRestart(title, reason) });
  };
  const sandboxPort = await findFreePort();
  const sandbox = await supervise(workers.sandbox, { title: "sandbox", ownPort: sandboxPort, healthPath: "/", args: [] });
  // The secrets are the orchestrator's; where programs run there is none.
  const worker = await supervise(workers.orchestrator, {
    title: "worker",
    ownPort: port,
    healthPath: "/livez",
    args: secretFiles.flatMap((path) => ["--env-file", path]),
  });

  const stop = async () => {
    await Promise.all([worker.stop(), sandbox.stop()]);
  };
  try {
    await Promise.all([worker.start(), sandbox.start()]);
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

/** How long the Worker may take to find the sandbox, once both run. */
const joinMs = 30_000;

/** The secrets that wrangler would find by itself next to wrangler.toml; of two values the later file's counts. */
function secretFilesOf(projectRoot: string): string[] {
  return [".env", ".dev.vars"].map((name) => join(projectRoot, name)).filter((path) => existsSync(path));
}

async function readSecrets(files: readonly string[]): Promise<NodeJS.Dict<string>> {
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
  return Object.assign({}, ...texts.map((text) => parseEnv(text)));
}
