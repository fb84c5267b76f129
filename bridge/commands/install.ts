import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { z } from "zod";
import { OrchestratorError } from "../../core/errors.ts";
import { addEntries } from "../../core/registry/registry-edit.ts";
import { homeOf } from "../home.ts";
import { findServers } from "../import/found-servers.ts";
import { planImport } from "../import/plan.ts";
import { type ClientFile, readClientFile, replaceClientFile } from "../install/client-file.ts";
import { type ClientLaunch, type InstallableClient, installableClients } from "../install/clients.ts";
import { type Configuration, readConfiguration, valueAt, withEntry, withoutEntry } from "../install/configuration.ts";
import { difference } from "../install/difference.ts";
import { localUrl } from "../local/local-url.ts";
import { changeRegistryFile } from "../registry/change-registry-file.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, CommandOption, World } from "./command.ts";
import { folderOf, planLines } from "./import.ts";
import { openRegistry, registryOption } from "./open-registry.ts";

const Options = z.object({
  file: z.string().optional(),
  name: z.string().default("orchestrator"),
  registry: z.string().optional(),
  session: z.string().optional(),
  take: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

const clientIds = installableClients.map(({ id }) => id).join(", ");

const commonOptions: readonly CommandOption[] = [
  { flags: "--file <path>", description: "the configuration file, such as one of a project (default: the user's own)" },
  { flags: "--name <name>", description: 'the name of the server there (default: "orchestrator")' },
  { flags: "--dry-run", description: "show what would change and write nothing" },
];

export const install: Command = {
  name: "install <client>",
  summary: "add the orchestrator to a program's MCP servers",
  options: [
    ...commonOptions,
    { flags: "--take", description: "move the servers that the program has into the registry" },
    { flags: "--session <name>", description: "the session for this program (default: the default session)" },
    registryOption,
  ],
  notes: [
    `Clients: ${clientIds}.`,
    "The program starts `mcp-bridge stdio`, which finds the running orchestrator or starts one; no token is written. The file is replaced",
    "in one step, and a copy of it as it was is kept beside it.",
  ],
  examples: [
    "mcp-bridge install cursor --dry-run",
    "mcp-bridge install claude-desktop --take",
    "mcp-bridge install vscode --file .vscode/mcp.json",
  ],
  async run({ args: [id], options: given, world }) {
    const options = Options.parse(given);
    const opened = await openClient(world, id, options);
    const { client, file, before, path } = opened;
    const taken = options.take ? await takeServers(world, opened, options) : before;
    const value = client.entry(launchOf(world, options), taken.document);
    const after = withEntry(taken, { file: file.path, path, value });
    return await write(world, { ...opened, before: taken, after, isDry: options.dryRun, next: client.next });
  },
};

export const uninstall: Command = {
  name: "uninstall <client>",
  summary: "remove the orchestrator from a program's MCP servers",
  options: commonOptions,
  notes: [
    `Clients: ${clientIds}. Servers that were moved into the registry stay there; the copies beside the file have them too.`,
  ],
  examples: ["mcp-bridge uninstall cursor"],
  async run({ args: [id], options: given, world }) {
    const options = Options.parse(given);
    const opened = await openClient(world, id, options);
    const { client, file, before, path } = opened;
    if (valueAt(before.document, path) === undefined) {
      world.print(`${client.title}: there is no server ${options.name} in ${shown(world, file.path)}.`);
      return 0;
    }
    const after = withoutEntry(before, { file: file.path, path });
    return await write(world, { ...opened, after, isDry: options.dryRun, next: "It is gone at the program's next start." });
  },
};

interface OpenedClient {
  client: InstallableClient;
  file: ClientFile;
  before: Configuration;
  /** Of our entry. */
  path: readonly string[];
}

/** @throws OrchestratorError `invalid_input` where another server has the name */
async function openClient(world: World, id: string | undefined, options: Options): Promise<OpenedClient> {
  const client = installableClients.find((candidate) => candidate.id === id);
  if (client === undefined) throw new UsageError(`There is no client ${JSON.stringify(id ?? "")}. There are ${clientIds}.`);
  const { environment, workingDirectory } = world;
  const user = { home: environment("HOME") || homedir(), environment, platform: process.platform, exists: existsSync };
  const file = await readClientFile(options.file === undefined ? client.file(user) : resolve(workingDirectory, options.file));
  const before = readConfiguration(file.text, file.path);
  const path = [...client.path(before.document), options.name];
  const present = valueAt(before.document, path);
  if (present === undefined || isOurs(present)) return { client, file, before, path };
  throw new OrchestratorError(
    "invalid_input",
    `${shown(world, file.path)} has another server with the name ${options.name}. Choose one with --name.`,
  );
}

function isOurs(entry: unknown): boolean {
  return /mcp-dynamic-orchestrator|mcp-bridge|bridge[/\\]+main\.mjs/.test(JSON.stringify(entry));
}

function launchOf(world: World, { registry, session }: Options): ClientLaunch {
  const args = [
    "stdio",
    ...(registry === undefined ? [] : ["--registry", resolve(world.workingDirectory, registry)]),
    ...(session === undefined ? [] : ["--session", session]),
  ];
  if (!homeOf(world).isPackage)
    return { command: process.execPath, args: [join(world.projectRoot, "bridge", "main.mjs"), ...args] };
  const npx = ["-y", "mcp-dynamic-orchestrator", ...args];
  // There npx is no program but a script of the command line.
  return process.platform === "win32" ? { command: "cmd", args: ["/c", "npx", ...npx] } : { command: "npx", args: npx };
}

/** Adds the program's servers to the registry, and returns its configuration without those that are there now. */
async function takeServers(world: World, { client, file, before }: OpenedClient, options: Options): Promise<Configuration> {
  const { registry } = await openRegistry(world, { registry: options.registry });
  const table = client.path(before.document);
  if (valueAt(before.document, table) === undefined) return before;
  const prefix = table.join(".");
  const found = findServers(before.text, file.path);
  const own = {
    ...found,
    servers: found.servers.filter(
      ({ name, place }) => place === `${prefix}.${name}` && !isOurs(valueAt(before.document, [...table, name])),
    ),
  };
  const plan = planImport(own, {
    ...{ registered: registry.servers, source: basename(file.path), folder: folderOf(file.path), environment: world.environment },
    ...{ self: { projectRoot: world.projectRoot, url: localUrl(world.environment) }, renamed: new Map(), renamesTaken: true },
  });
  const stays = new Set([...plan.skipped.map(({ place }) => place), ...plan.taken.map(({ name }) => `${prefix}.${name}`)]);
  const moved = own.servers.filter(({ place }) => !stays.has(place));
  if (!options.dryRun && plan.entries.length > 0)
    await changeRegistryFile(registry.absolutePath, (text) => addEntries(text, plan.entries));
  for (const line of planLines(plan, { registry, environment: world.environment })) world.writeStderr(`${line}\n`);
  const names = moved.map(({ name }) => name).join(", ");
  if (moved.length > 0) world.print(`Moved to ${shown(world, registry.absolutePath)}: ${names}`);
  return moved.reduce((rest, { name }) => withoutEntry(rest, { file: file.path, path: [...table, name] }), before);
}

interface Change extends OpenedClient {
  after: Configuration;
  isDry: boolean;
  next: string;
}

async function write(world: World, { client, file, before, path, after, isDry, next }: Change): Promise<number> {
  const place = `${client.title}: ${shown(world, file.path)}`;
  if (after.text === file.text) {
    world.print(`${place} is as it should be.`);
    return 0;
  }
  world.print(
    [place, ...difference(path, { before: valueAt(before.document, path), after: valueAt(after.document, path) })].join("\n"),
  );
  if (isDry) {
    world.writeStderr("Nothing was written.\n");
    return 0;
  }
  const backup = await replaceClientFile(file, after.text, new Date());
  world.writeStderr(`Written.${backup === undefined ? "" : ` As it was: ${shown(world, backup)}.`} ${next}\n`);
  return 0;
}

function shown({ environment }: World, path: string): string {
  const home = environment("HOME") || homedir();
  const inside = relative(home, path);
  return inside.startsWith("..") || inside === path ? path : `~/${inside.replaceAll("\\", "/")}`;
}
