import type { Clock } from "../../core/clock.ts";
import { announcementOf } from "../registry/advertised.ts";
import type { RegistryFile } from "../registry/registry-file.ts";
import { watchRegistryFile } from "../registry/registry-watch.ts";
import type { BridgeIdentity } from "../tunnel/bridge-identity.ts";
import { openTunnel, type Tunnel } from "../tunnel/client.ts";
import type { World } from "./command.ts";
import { type OpenedRegistry, openServers } from "./open-registry.ts";

export interface ServeOptions {
  world: World;
  opened: OpenedRegistry;
  /** The file stands for the Worker's own registry: under `npm start`. */
  isWhole: boolean;
  address: URL;
  token: string | undefined;
  identity: BridgeIdentity;
  clock: Clock;
  random: () => number;
}

/**
 * Serves a registry's stdio servers to one Worker, as the file is at each moment, until the world's signal aborts, which gives
 * 0, or the Worker refuses the bridge for good, which gives 1. No process is left either way.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { world, opened, isWhole, address, token, identity, clock, random } = options;
  let { registry } = opened;
  let tunnel: Tunnel | undefined;
  const servers = openServers(world, registry, (server) => {
    world.log({ event: "server_status", server });
    tunnel?.announce(server);
  });
  tunnel = openTunnel({
    address,
    token,
    identity,
    servers,
    registry: () => announcementOf(registry, { isWhole }),
    log: world.log,
    clock,
    random,
  });
  const reread = async (): Promise<void> => {
    const next = await opened.reread();
    if (next === undefined || isSame(registry, next)) return;
    world.log({ event: "registry_changed", ...difference(registry, next) });
    registry = next;
    const retired = servers.replace(next.servers);
    tunnel.announceRegistry();
    await retired;
  };
  const hangUp = (): void => tunnel.close();
  world.signal.addEventListener("abort", hangUp, { once: true });
  if (world.signal.aborted) hangUp();
  try {
    using _watch = await watchUnlessImpossible(world, registry.absolutePath, reread);
    const end = await tunnel.ended;
    return end.kind === "closed" ? 0 : 1;
  } finally {
    world.signal.removeEventListener("abort", hangUp);
    await servers.close();
  }
}

/** A file system that cannot be watched costs the watching alone. */
async function watchUnlessImpossible(world: World, path: string, onChange: () => Promise<void>): Promise<Disposable | undefined> {
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
