import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "./free-port.ts";
import type { Launch } from "./process-group.ts";
import { Supervisor } from "./supervisor.ts";
import { writeLocalConfigs } from "./wrangler-config.ts";

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

/** The Worker and the sandbox on this machine, each in a process of its own. */
export interface LocalStack {
  url: string;
  /** What the bridge presents; made anew for each stack. */
  bridgeToken: string;
  logFolder: string;
  stop(): Promise<void>;
}

/**
 * Starts both under `wrangler dev` and waits until they answer. When one does not, both are stopped before this rejects.
 * @throws OrchestratorError `server_unavailable` with the last lines of what failed
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { projectRoot, port, folder, environment } = options;
  const bridgeToken = randomBytes(32).toString("base64url");
  const logFolder = join(folder, "logs");
  await mkdir(logFolder, { recursive: true, mode: 0o700 });
  const configs = await writeLocalConfigs({
    projectRoot,
    folder,
    variables: {
      BRIDGE_TOKEN: bridgeToken,
      ...(options.registryText === undefined ? {} : { MCP_REGISTRY: options.registryText }),
    },
  });
  const sandboxPort = await findFreePort();
  const launch = (config: string, ownPort: number, inspectorPort: number): Launch => ({
    // Under the Node that runs this, whatever the machine's own is.
    command: process.execPath,
    args: [
      ...[join(projectRoot, "node_modules/wrangler/bin/wrangler.js"), "dev"],
      ...["--config", config, "--ip", "127.0.0.1", "--port", String(ownPort), "--inspector-port", String(inspectorPort)],
      ...["--persist-to", join(folder, "state"), "--show-interactive-dev-session=false"],
      ...secretFiles(projectRoot),
    ],
    cwd: projectRoot,
    // A dev registry of its own: two stacks on one machine must not find each other's sandbox.
    env: { ...environment, WRANGLER_REGISTRY_PATH: join(folder, "registry"), WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" },
  });
  const supervise = (name: string, ownLaunch: Launch, ownPort: number, healthPath: string) =>
    new Supervisor(
      { name, launch: ownLaunch, healthUrl: `http://127.0.0.1:${ownPort}${healthPath}`, logFile: join(logFolder, `${name}.log`) },
      { onRestart: (reason) => options.onRestart(name, reason) },
    );
  const sandbox = supervise("sandbox", launch(configs.sandbox, sandboxPort, await findFreePort()), sandboxPort, "/");
  const worker = supervise("worker", launch(configs.orchestrator, port, await findFreePort()), port, "/livez");

  const stop = async () => {
    await Promise.all([worker.stop(), sandbox.stop()]);
  };
  try {
    await Promise.all([worker.start(), sandbox.start()]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, bridgeToken, logFolder, stop };
}

/** The secrets that wrangler would find by itself next to wrangler.toml. */
function secretFiles(projectRoot: string): string[] {
  return [".env", ".dev.vars"]
    .map((name) => join(projectRoot, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => ["--env-file", path]);
}
