import type { Clock } from "../../core/clock.ts";
import { scriptsIn } from "../../core/saved/script-files.ts";
import { advertisedRegistry } from "../registry/advertised.ts";
import type { RegistryFile } from "../registry/registry-file.ts";
import { watchRegistryFile } from "../registry/registry-watch.ts";
import { readScripts, type ScriptsFolder, scriptsFolderOf, watchScripts } from "../registry/scripts-folder.ts";
import type { BridgeIdentity } from "../tunnel/bridge-identity.ts";
import { openTunnel, type Tunnel } from "../tunnel/client.ts";
import type { World } from "./command.ts";
import { type OpenedRegistry, openServers } from "./open-registry.ts";

export interface ServeOptions {
  world: World;
  opened: OpenedRegistry;
  /** The file stands for the Worker's own registry, as it does under `npm start`. */
  isWhole: boolean;
  address: URL;
  token: string | undefined;
  identity: BridgeIdentity;
  /** The folder of scripts: by default scripts/ beside the registry. */
  scripts?: string | undefined;
  clock: Clock;
  random: () => number;
  /** The file changed, and the Worker was told: the ids of the servers that are new or changed. */
  onChanged?: (registry: RegistryFile, ids: readonly string[]) => void;
  /** Gets a function that connects at once, for whoever knows that the Worker is back. */
  onDial?: (dial: () => void) => void;
}

/**
 * Serves the stdio servers of a registry file to one Worker, and follows the file when it changes. Ends with 0 when the world's signal
 * aborts, and with 1 when the Worker refuses the bridge for good. Either way, no server process is left.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { world, opened, isWhole, address, token, identity, clock, random, onDial } = options;
  let { registry } = opened;
  const folder = options.scripts ?? scriptsFolderOf(registry.absolutePath);
  let scripts = await readScripts(folder);
  logLeftOut(world, scripts);
  let tunnel: Tunnel | undefined;
  const printed = new Map<string, string>();
  const servers = openServers(world, registry, (server) => {
    // A changed list of tools is news for the Worker alone.
    const news = `${server.state} ${server.reason}`;
    if (printed.get(server.id) !== news) world.log({ event: "server_status", server });
    printed.set(server.id, news);
    tunnel?.sendStatus(server);
  });
  tunnel = openTunnel({
    address,
    token,
    identity,
    servers,
    registry: () => advertisedRegistry({ ...registry, scripts: scripts.files }, { isWhole }),
    log: world.log,
    clock,
    random,
  });
  onDial?.(() => tunnel.dial());
  const reread = async (): Promise<void> => {
    const next = await opened.reread();
    if (next === undefined || isSame(registry, next)) return;
    const changes = difference(registry, next);
    world.log({ event: "registry_changed", ...changes });
    registry = next;
    const retired = servers.replace(next.servers);
    tunnel.sendRegistry();
    options.onChanged?.(next, [...changes.added, ...changes.changed]);
    await retired;
  };
  const rereadScripts = async (): Promise<void> => {
    const next = await readScripts(folder).catch(() => scripts);
    if (JSON.stringify(next) === JSON.stringify(scripts)) return;
    logLeftOut(world, next, scripts);
    scripts = next;
    tunnel.sendRegistry();
  };
  const close = (): void => tunnel.close();
  world.signal.addEventListener("abort", close, { once: true });
  if (world.signal.aborted) close();
  try {
    using _watch = await watchIfPossible(world, registry.absolutePath, reread);
    using _scripts = watchScripts(folder, rereadScripts);
    const end = await tunnel.ended;
    return end.kind === "closed" ? 0 : 1;
  } finally {
    world.signal.removeEventListener("abort", close);
    await servers.close();
  }
}

/** Says once of each file why it is no script. */
function logLeftOut(world: World, scripts: ScriptsFolder, before: ScriptsFolder = { files: {}, leftOut: [] }): void {
  const known = new Set(leftOutOf(before).map(({ path }) => path));
  for (const { path, reason } of leftOutOf(scripts)) {
    if (!known.has(path)) world.log({ event: "script_left_out", path, reason });
  }
}

function leftOutOf({ files, leftOut }: ScriptsFolder): ScriptsFolder["leftOut"] {
  return [...scriptsIn(files).leftOut, ...leftOut];
}

/** Where a file cannot be watched, everything else works. */
async function watchIfPossible(world: World, path: string, onChange: () => Promise<void>): Promise<Disposable | undefined> {
  const onError = (error: unknown): void =>
    world.log({ event: "registry_unwatched", reason: error instanceof Error ? error.message : String(error) });
  try {
    return await watchRegistryFile({ path, onChange, onError });
  } catch (error) {
    onError(error);
    return undefined;
  }
}

function isSame(before: RegistryFile, after: RegistryFile): boolean {
  return JSON.stringify([before.servers, before.problems]) === JSON.stringify([after.servers, after.problems]);
}

function difference(before: RegistryFile, after: RegistryFile): { added: string[]; changed: string[]; removed: string[] } {
  const texts = new Map(before.servers.map((server) => [server.id, JSON.stringify(server)]));
  const added = after.servers.filter(({ id }) => !texts.has(id));
  const changed = after.servers.filter((server) => texts.has(server.id) && texts.get(server.id) !== JSON.stringify(server));
  const removed = before.servers.filter(({ id }) => !after.servers.some((server) => server.id === id));
  const idsOf = (servers: RegistryFile["servers"]): string[] => servers.map(({ id }) => id);
  return { added: idsOf(added), changed: idsOf(changed), removed: idsOf(removed) };
}
