import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { isAllowedByDefault } from "../../core/registry/registry.ts";
import { refuseInsideBridge } from "../bridge-mark.ts";
import { systemClock } from "../clock.ts";
import { createRegistryDesk } from "../console/registry-desk.ts";
import { homeOf } from "../home.ts";
import { findFreePortAfter, isPortTaken } from "../local/free-port.ts";
import { operatorNames } from "../local/local-secrets.ts";
import { type LocalStack, startLocalStack } from "../local/local-stack.ts";
import { defaultPort, localUrl } from "../local/local-url.ts";
import { claimStack } from "../local/start-claim.ts";
import { removeStartRecord, stateFolder, writePluginToken, writeStartRecord } from "../local/start-record.ts";
import { withEnvFiles } from "../registry/env-file.ts";
import type { RegistryFile } from "../registry/registry-file.ts";
import { secretFilesOf } from "../registry/worker-secrets.ts";
import { projectRootName } from "../stdio/launch.ts";
import { tunnelAddress } from "../tunnel/address.ts";
import { identify } from "../tunnel/bridge-identity.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, World } from "./command.ts";
import type { ListedServer } from "./listing-client.ts";
import { envFilesOf, openRegistry, registryOption, scriptsOption } from "./open-registry.ts";
import { serve } from "./serve.ts";
import { SettledServers } from "./settled-servers.ts";
import { formatTable } from "./table.ts";
import { leaveNothing, whileUsed, whileUsedOption } from "./while-used.ts";

const Options = z.object({
  registry: z.string().optional(),
  scripts: z.string().optional(),
  envFile: z.string().optional(),
  /** Commander's `--no-token` sets it to false. */
  token: z.boolean().default(true),
  whileUsed: z.union([z.string(), z.boolean()]).optional(),
});

export const local: Command = {
  name: "local",
  summary: "run everything on this machine: Worker, sandbox and bridge, until Ctrl-C (npm start)",
  options: [
    registryOption,
    scriptsOption,
    { flags: "--env-file <file>", description: "a further file of Worker secrets, besides .env and .dev.vars" },
    {
      flags: "--no-token",
      description: "ask clients on this machine for no token: every program and user here can call your servers",
    },
    whileUsedOption,
  ],
  examples: ["npm start", "PORT=8788 npm start", "npm start -- --registry my.registry.json"],
  async run({ options, world: commandWorld }) {
    refuseInsideBridge(commandWorld.environment);
    const { registry: registryFile, scripts, envFile, token: isClosed, whileUsed: mode } = Options.parse(options);
    const port = portOf(commandWorld);
    const use = whileUsed(commandWorld, port, mode);
    const { world } = use;
    const envPath = envFile === undefined ? undefined : resolve(world.workingDirectory, envFile);
    if (envPath !== undefined && !existsSync(envPath)) throw new UsageError(`--env-file: there is no file ${envPath}.`);
    const opened = await openRegistry(world, { registry: registryFile });
    let dial = () => {};
    const stack = await startStack(world, {
      ...{ port, registryFile: opened.registry.absolutePath, envFile: envPath, isOpen: !isClosed },
      onWorkerBack: () => dial(),
    });
    const settled = new SettledServers({ world, stack });
    const bridgeEnd = new AbortController();
    const stopBridge = () => bridgeEnd.abort();
    world.signal.addEventListener("abort", stopBridge, { once: true });
    const bridge = serve({
      world: { ...world, signal: bridgeEnd.signal },
      opened,
      isWhole: true,
      scripts: scripts === undefined ? undefined : resolve(world.workingDirectory, scripts),
      address: tunnelAddress({ url: stack.url, session: undefined }),
      token: stack.bridgeToken,
      identity: identify({ registryPath: opened.registry.absolutePath, only: undefined, isWhole: true }),
      clock: systemClock,
      random: Math.random,
      onChanged: (registry, ids) =>
        void settled.announce(ids.filter((id) => idsListedAtStart(registry).has(id))).catch(() => undefined),
      onDial: (dialNow) => {
        dial = dialNow;
      },
    });
    try {
      await keepRecord(world, { port, registry: opened.registry.absolutePath, stack });
      showReady(world, stack, await settled.wait(idsListedAtStart(opened.registry)));
      // The bridge ends on Ctrl-C or when the Worker refuses it for good; both end the whole command.
      return await bridge;
    } finally {
      stopBridge();
      world.log({ event: "stopping" });
      await using _claim = await claimStack(stateFolder(world, port));
      await use[Symbol.asyncDispose]();
      await Promise.allSettled([bridge, stack.stop()]);
      await leaveNothing(world, port, mode);
      world.log({ event: "stopped" });
    }
  },
};

/** For this user's other programs: the commands of this project, and the plugin. */
async function keepRecord(
  world: World,
  { port, registry, stack }: { port: number; registry: string; stack: LocalStack },
): Promise<void> {
  const { authToken, bridgeToken } = stack;
  await writeStartRecord(world, port, { bridgeToken, registry, ...(authToken !== undefined && { authToken }) });
  try {
    await writePluginToken(world, port, authToken);
  } catch (error) {
    // Nothing but the plugin needs it: a home folder that cannot be written must not stop the rest.
    world.log({ event: "plugin_token_not_kept", reason: error instanceof Error ? error.message : String(error) });
  }
}

function portOf(world: World): number {
  const text = world.environment("PORT") || String(defaultPort);
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`PORT is "${text}"; it must be a number from 1 to 65535.`);
}

interface StackOptions {
  port: number;
  registryFile: string;
  envFile: string | undefined;
  isOpen: boolean;
  onWorkerBack: () => void;
}

async function startStack(world: World, options: StackOptions): Promise<LocalStack> {
  const { port, registryFile, envFile, isOpen, onWorkerBack } = options;
  const folder = stateFolder(world, port);
  await using _claim = await claimStack(folder, world.signal);
  await refuseTaken(port);
  await removeStartRecord(world, port);
  world.log({ event: "starting", what: `Worker on port ${port} and sandbox` });
  const starting = startLocalStack({
    projectRoot: world.projectRoot,
    port,
    folder,
    registryText: await readFile(registryFile, "utf8"),
    registry: createRegistryDesk({
      registryPath: registryFile,
      environment: serverEnvironment(world, registryFile),
      isReadOnly: isOpen,
      projectRoot: world.projectRoot,
      url: localUrl(world.environment),
    }),
    secretFiles: [...secretFilesOf(homeOf(world).folder, registryFile), ...(envFile === undefined ? [] : [envFile])],
    environment: processEnvironment(world),
    authToken: world.environment("AUTH_TOKEN") || undefined,
    operator: variables(world, operatorNames),
    isOpen,
    onWorkerBack,
    onRestart: (name, reason) => world.log({ event: "process_restarted", name, reason }),
  });
  const stack = await starting;
  if (!world.signal.aborted) return stack;
  await stack.stop();
  throw new OrchestratorError("cancelled", "Stopped while starting.");
}

async function refuseTaken(port: number): Promise<void> {
  if (!(await isPortTaken(port))) return;
  throw new OrchestratorError(
    "invalid_input",
    `Port ${port} is taken. Stop what listens there, or choose a free one: PORT=${await findFreePortAfter(port)} npm start`,
  );
}

/** Where the references of entries are looked up: by the bridge, and by the Worker. */
function serverEnvironment(world: World, registryFile: string): World["environment"] {
  const { folder } = homeOf(world);
  const files = [...envFilesOf(world, { absolutePath: registryFile }), join(folder, ".dev.vars")];
  const environment = withEnvFiles(world.environment, files);
  return (name) => (name === projectRootName ? folder : environment(name));
}

/** The variables that wrangler needs, and no others, so that a stray variable changes nothing. */
function processEnvironment(world: World): Record<string, string> {
  const names = [
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "USER",
    "SHELL",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "HTTPS_PROXY",
    "XDG_CONFIG_HOME",
  ];
  return variables(world, names);
}

function variables({ environment }: World, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, environment(name)]).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The servers whose tools the orchestrator lists without being asked. */
function idsListedAtStart({ servers }: RegistryFile): Set<string> {
  return new Set(servers.filter((server) => server.autoDiscoverTools && isAllowedByDefault(server)).map(({ id }) => id));
}

/** Prints the table of servers and how to connect a client. */
function showReady(world: World, stack: LocalStack, servers: readonly ListedServer[]): void {
  if (world.signal.aborted) return;
  const rows = servers.map((server) => ({
    server: server.id,
    status: server.status,
    tools: server.toolCount === undefined ? "" : String(server.toolCount),
    note: noteOf(server),
  }));
  world.print(
    [
      "",
      formatTable(rows, ["server", "status", "tools", "note"]),
      "",
      `Ready: ${stack.url}/mcp`,
      "Add it to Claude Code:",
      "",
      `  claude mcp add --transport http orchestrator ${stack.url}/mcp${tokenHeader(stack)}`,
      "",
      `See and try it in a browser: ${consoleAddress(stack)}`,
      "",
      ...(stack.authToken === undefined ? [openWarning, ""] : []),
      "Ctrl-C stops everything.",
    ].join("\n"),
  );
}

/** A token that the user has chosen may be one for other places too, and stays off the screen: the command asks for it. */
function tokenHeader({ url, authToken, isTokenChosen }: LocalStack): string {
  if (authToken === undefined) return "";
  const { port } = new URL(url);
  const ask = `$(${Number(port) === defaultPort ? "" : `PORT=${port} `}npm run -s bridge -- token show)`;
  return ` --header "Authorization: Bearer ${isTokenChosen ? ask : authToken}"`;
}

/** Logs the browser in, unless the token is one that the user has chosen. */
function consoleAddress({ url, authToken, isTokenChosen }: LocalStack): string {
  return authToken === undefined || isTokenChosen ? `${url}/` : `${url}/login?token=${authToken}`;
}

const openWarning = "Without a token: every program and every user of this machine can call your servers here, with your logins.";

function noteOf(server: ListedServer): string {
  if (server.reason !== undefined) return server.reason;
  if (server.url !== undefined) return `log in at ${server.url}`;
  if (server.visibility !== undefined) return `${server.visibility}: runs when a program names it`;
  if (server.sensitivity !== undefined) return `${server.sensitivity} sensitivity: runs when a program names it`;
  return "";
}
