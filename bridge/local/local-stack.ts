import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { readSecrets } from "../registry/worker-secrets.ts";
import { becomesReady } from "../sandbox/probe.ts";
import { extraCertificates } from "./certificates.ts";
import { builtFiles, copyCode } from "./code-copy.ts";
import { entrypoints, hostProcesses, launchWorkerd, replacementReasons, smallHeap } from "./hosted-processes.ts";
import { keepSecret } from "./kept-secret.ts";
import { makeRunFolder } from "./run-folder.ts";
import { Supervisor } from "./supervisor.ts";
import { mainConfig } from "./workerd-config.ts";

export interface LocalStackOptions {
  projectRoot: string;
  port: number;
  /** Holds the storage and logs of this stack, and what is written at each start. */
  folder: string;
  /** Text of the registry at the start. */
  registryText: string;
  /** Files of Worker secrets; a later file overrides an earlier one. */
  secretFiles: readonly string[];
  /** AUTH_TOKEN of the user's environment, which overrides the files. */
  authToken: string | undefined;
  /** Lets every program of this machine in, without a token. */
  isOpen: boolean;
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
  const { secrets, isTokenChosen } = await secretsOf(options);
  const runFolder = await makeRunFolder(join(folder, "run"));
  await copyCode(join(projectRoot, "dist"), join(runFolder.path, codeFolder));
  const compatibilityDate = await readCompatibilityDate(projectRoot);
  const hosted = await hostProcesses({
    runFolder: runFolder.path,
    code: codeFolder,
    ...{ logFolder, compatibilityDate, environment },
    onReplaced: (process, reason) => options.onRestart(process, replacementReasons[reason]),
  });
  const worker = new Supervisor(
    {
      name: "worker",
      launch: await workerLaunch(options, { runFolder: runFolder.path, compatibilityDate, secrets }),
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

/** Below the run folder. */
const codeFolder = "code";

interface LocalSecrets {
  secrets: Map<string, string>;
  isTokenChosen: boolean;
}

/** The secrets of the user's files, and those that are generated where the files have none. */
async function secretsOf({ folder, secretFiles, authToken, isOpen }: LocalStackOptions): Promise<LocalSecrets> {
  const given = Object.entries(await readSecrets(secretFiles));
  const secrets = new Map(given.filter((entry): entry is [string, string] => Boolean(entry[1])));
  if (!secrets.has("OAUTH_KEY")) secrets.set("OAUTH_KEY", await keepSecret(join(folder, "oauth.env"), "OAUTH_KEY"));
  if (!secrets.has("BRIDGE_TOKEN")) secrets.set("BRIDGE_TOKEN", randomBytes(32).toString("base64url"));
  if (isOpen) for (const name of identityNames) secrets.delete(name);
  const chosen = isOpen ? undefined : authToken || secrets.get("AUTH_TOKEN");
  if (!isOpen) secrets.set("AUTH_TOKEN", chosen ?? (await keepSecret(join(folder, "access.env"), "AUTH_TOKEN")));
  refuseShortToken(chosen);
  return { secrets, isTokenChosen: chosen !== undefined };
}

/** What closes /mcp. */
const identityNames = ["AUTH_TOKEN", "AUTH_TOKENS", "JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL", "OAUTH_IDENTITY"];

/** The Worker would answer nobody. */
function refuseShortToken(token: string | undefined): void {
  if (token === undefined || token.length >= limits.authTokenCharsMin) return;
  throw new OrchestratorError(
    "invalid_input",
    `AUTH_TOKEN has fewer than ${limits.authTokenCharsMin} characters and could be guessed. Make one with: openssl rand -base64 32. Or leave it out: npm start makes one.`,
  );
}

interface WorkerOptions {
  runFolder: string;
  compatibilityDate: string;
  secrets: ReadonlyMap<string, string>;
}

/** The secrets are in the environment of the process and not in its configuration, so that no file holds them. */
async function workerLaunch(
  { port, folder, registryText, environment }: LocalStackOptions,
  { runFolder, compatibilityDate, secrets }: WorkerOptions,
) {
  const storage = join(folder, "state", "v3", "do");
  await mkdir(storage, { recursive: true, mode: 0o700 });
  const registry = "registry.json";
  await writeFile(join(runFolder, registry), registryText);
  const variables = new Map([...secrets.keys()].map((name, index) => [name, `SECRET_${index}`]));
  const certificates = await extraCertificates([environment.NODE_EXTRA_CA_CERTS, environment.SSL_CERT_FILE]);
  await writeFile(
    join(runFolder, "worker.capnp"),
    mainConfig({
      ...{ port, compatibilityDate, registry, secrets: variables, entrypoints, certificates },
      script: `${codeFolder}/${builtFiles.worker}`,
      storage: relative(runFolder, storage),
      v8Flags: smallHeap,
    }),
  );
  const values = Object.fromEntries([...variables].map(([name, variable]) => [variable, secrets.get(name) ?? ""]));
  return launchWorkerd("worker.capnp", { folder: runFolder, environment: { ...environment, ...values } });
}

const WranglerFile = z.object({ compatibility_date: z.string() });

async function readCompatibilityDate(projectRoot: string): Promise<string> {
  return WranglerFile.parse(parse(await readFile(join(projectRoot, "wrangler.toml"), "utf8"))).compatibility_date;
}
