import type { Store } from "../store.ts";
import { AdvertisedRegistry, type AdvertisedServer } from "./advertised-registry.ts";
import { toIdentifier } from "./identifiers.ts";
import { isReachedByBridge, type Registry, type ServerEntry } from "./registry.ts";
import { strictest } from "./strictest.ts";
import { withRulesFor } from "./tool-rules.ts";

/** The registry of one session: the Worker's own, merged with what its bridges last advertised. */
export interface SessionRegistry {
  current(): Registry;
  /**
   * Takes over which bridges are known and what one of them has just advertised. What was advertised by a bridge that is not known
   * any more is forgotten.
   *
   * @returns ids of the servers that are gone or reached in another way than before; undefined when nothing changed at all
   */
  update(bridges: KnownBridges): string[] | undefined;
}

export interface KnownBridges {
  /** Keys of all known bridges. Where several have the same server, the entry of the first one counts. */
  keys: readonly string[];
  advertised?: { key: string; registry: AdvertisedRegistry } | undefined;
}

// The name is older than the word: sessions that are stored have it.
const prefix = "registry/announced/";

export interface SessionRegistryParts {
  own: Registry;
  store: Store;
  /** Servers of the orchestrator's own: whatever the files say, they come last. */
  builtIn: readonly ServerEntry[];
  /** Keys of the bridges that are known when the session starts, in the order of `KnownBridges`. */
  keys: readonly string[];
  /**
   * Whether bridges may bring remote servers too. Only where bridge and Worker are one user's on one machine: remote servers are
   * called with the Worker's secrets, and elsewhere a bridge is not trusted with those.
   */
  takesRemote: boolean;
  /** Whether the file calls the principal of the session so. */
  isCalled: (name: string) => boolean;
}

/**
 * Until a bridge has advertised anything, the session has the Worker's own registry. From then on its stdio servers are those of
 * the bridges, because only their machines can start them; they stay listed while their bridges are away.
 */
export function createSessionRegistry(parts: SessionRegistryParts): SessionRegistry {
  const { own, builtIn, store, keys, takesRemote, isCalled } = parts;
  const advertised = readAll(store);
  let registry = mergeAll(keys);
  return {
    current: () => registry,
    update({ keys, advertised: latest }) {
      if (latest) keep(store, advertised, latest);
      for (const key of advertised.keys()) {
        if (!keys.includes(key)) forget(store, advertised, key);
      }
      const before = registry;
      registry = mergeAll(keys);
      return JSON.stringify(before) === JSON.stringify(registry) ? undefined : movedIds(before, registry);
    },
  };

  function mergeAll(known: readonly string[]): Registry {
    const merged = merge(own, inOrder(advertised, known), takesRemote);
    return { ...merged, servers: [...merged.servers.map((server) => withRulesFor(server, isCalled)), ...builtIn] };
  }
}

/** What cannot be read was stored by another version. It is dropped: every bridge advertises again when it connects. */
function readAll(store: Store): Map<string, AdvertisedRegistry> {
  const advertised = new Map<string, AdvertisedRegistry>();
  for (const key of store.keys(prefix)) {
    const stored = AdvertisedRegistry.safeParse(store.read(key));
    if (stored.success) advertised.set(key.slice(prefix.length), stored.data);
    else store.remove(key);
  }
  return advertised;
}

function keep(
  store: Store,
  advertised: Map<string, AdvertisedRegistry>,
  { key, registry }: { key: string; registry: AdvertisedRegistry },
): void {
  if (JSON.stringify(advertised.get(key)) === JSON.stringify(registry)) return;
  advertised.set(key, registry);
  store.write(prefix + key, registry);
}

function forget(store: Store, advertised: Map<string, AdvertisedRegistry>, key: string): void {
  advertised.delete(key);
  store.remove(prefix + key);
}

/** One bridge's part of the session's registry. */
interface BridgeRegistry {
  key: string;
  isWhole: boolean;
  servers: ServerEntry[];
  problems: Registry["problems"];
  source?: string | undefined;
  scripts?: Registry["scripts"];
}

function inOrder(advertised: ReadonlyMap<string, AdvertisedRegistry>, keys: readonly string[]): BridgeRegistry[] {
  return keys.flatMap((key) => {
    const registry = advertised.get(key);
    return registry === undefined ? [] : [{ ...registry, key, servers: registry.servers.map(asEntry) }];
  });
}

/** In code the wire's stdio is `bridge`: there is no command in it. */
function asEntry({ mcp, ...entry }: AdvertisedServer): ServerEntry {
  switch (mcp.transport) {
    case "stdio":
      return { ...entry, mcp: { transport: "bridge", mark: mcp.mark } };
    case "http":
    case "sse":
      return { ...entry, mcp };
  }
}

/** Of servers with the same identifier in code, a remote one wins, then that of the bridge that comes first. */
function merge(own: Registry, bridges: readonly BridgeRegistry[], takesRemote: boolean): Registry {
  if (bridges.length === 0) return own;
  const whole = takesRemote ? bridges.find(({ isWhole }) => isWhole) : undefined;
  const remote = (whole ?? own).servers.filter((server) => !isReachedByBridge(server));
  const ruling = new Map((whole ?? own).servers.map((server) => [toIdentifier(server.id), server]));
  const winners = new Map<string, ServerEntry>();
  for (const server of [...remote, ...bridges.flatMap(localServers)]) {
    const name = toIdentifier(server.id);
    const ours = ruling.get(name);
    if (!winners.has(name)) winners.set(name, ours && ours !== server ? strictest(server, ours) : server);
  }
  // Sorted by key: a bridge that comes or goes changes which entry wins, never the order in which servers are listed.
  const sorted = bridges.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const names = new Set([...(whole?.servers ?? remote), ...sorted.flatMap(localServers)].map(({ id }) => toIdentifier(id)));
  return {
    servers: [...names].flatMap((name) => winners.get(name) ?? []),
    problems: [...(whole ? [] : own.problems), ...sorted.flatMap(({ problems }) => problems)],
    warnings: whole ? [] : own.warnings,
    source: whole ? whole.source : own.source,
    scripts: Object.assign({}, ...sorted.toReversed().map(({ scripts }) => scripts)),
  };
}

function localServers({ servers }: BridgeRegistry): ServerEntry[] {
  return servers.filter(isReachedByBridge);
}

function movedIds(before: Registry, after: Registry): string[] {
  const wayTo = ({ mcp, auth, oauth }: ServerEntry) => JSON.stringify([mcp, auth, oauth]);
  const now = new Map(after.servers.map((server) => [server.id, wayTo(server)]));
  return before.servers.filter((server) => now.get(server.id) !== wayTo(server)).map(({ id }) => id);
}
