import { z } from "zod";
import type { Store } from "../store.ts";
import { toIdentifier } from "./identifiers.ts";
import { HttpTransport, type Registry, ServerEntry, SseTransport } from "./registry.ts";

/*
 * A registry file as its bridge tells the Worker of it: what there is and what it is for, never what is started. A command
 * stays on the machine that runs it; in its place stands a mark that is another when the command is another.
 */

const AnnouncedProcess = z.strictObject({ transport: z.literal("stdio"), mark: z.string().max(64) });

const AnnouncedServer = ServerEntry.extend({
  mcp: z.discriminatedUnion("transport", [AnnouncedProcess, HttpTransport, SseTransport]),
});

type AnnouncedServer = z.infer<typeof AnnouncedServer>;

export const AnnouncedRegistry = z.strictObject({
  /** It stands for the Worker's own registry, remote servers included. */
  isWhole: z.boolean(),
  servers: z.array(AnnouncedServer),
  problems: z.array(z.strictObject({ path: z.string(), message: z.string() })),
});
export type AnnouncedRegistry = z.infer<typeof AnnouncedRegistry>;

/**
 * What a bridge says of its file. Remote servers are the Worker's business, and left out unless the file is to stand for its own.
 *
 * @param markOf a short text that differs whenever what is started does
 */
export function announce(
  { servers, problems }: Registry,
  { markOf, isWhole }: { markOf: (server: ServerEntry) => string; isWhole: boolean },
): AnnouncedRegistry {
  const announced = servers.flatMap<AnnouncedServer>(({ mcp, ...entry }) => {
    if (mcp.transport !== "stdio") return isWhole ? [{ ...entry, mcp }] : [];
    return [{ ...entry, mcp: { transport: mcp.transport, mark: markOf({ ...entry, mcp }) } }];
  });
  return { isWhole, servers: announced, problems };
}

/** The registry of one session: the Worker's own, and what its bridges have last said. */
export interface SessionRegistry {
  current(): Registry;
  /**
   * Takes what one bridge says, and which bridges are known, by key: of a server that several declare, the first one's entry
   * counts. What a bridge said that is not known any more is forgotten.
   *
   * Gives the ids of the servers that are reached otherwise than before, or gone; undefined when nothing changed at all.
   */
  take(bridges: {
    keys: readonly string[];
    told?: { key: string; registry: AnnouncedRegistry } | undefined;
  }): string[] | undefined;
}

const prefix = "registry/announced/";

export interface SessionRegistryParts {
  own: Registry;
  store: Store;
  /** Keys of the bridges that are known, as `take` has them. */
  keys: readonly string[];
  /**
   * Whether remote servers are taken from a bridge too. Only where bridge and Worker are one user's on one machine: an address
   * is called with the Worker's secrets, and elsewhere a bridge is trusted with less than those.
   */
  takesRemote: boolean;
}

/**
 * Before a bridge has spoken, the Worker's own registry. After that the stdio servers are the bridges', for only their machines
 * can start them, and they stay known while these are away.
 */
export function createSessionRegistry({ own, store, keys, takesRemote }: SessionRegistryParts): SessionRegistry {
  const announcements = readAll(store);
  let registry = merge(own, inOrder(announcements, keys), takesRemote);
  return {
    current: () => registry,
    take({ keys, told }) {
      if (told) keep(store, announcements, told);
      for (const key of announcements.keys()) {
        if (!keys.includes(key)) forget(store, announcements, key);
      }
      const before = registry;
      registry = merge(own, inOrder(announcements, keys), takesRemote);
      return JSON.stringify(before) === JSON.stringify(registry) ? undefined : movedIds(before, registry);
    },
  };
}

function readAll(store: Store): Map<string, AnnouncedRegistry> {
  const announcements = new Map<string, AnnouncedRegistry>();
  for (const key of store.keys(prefix)) {
    const stored = AnnouncedRegistry.safeParse(store.read(key));
    if (stored.success) announcements.set(key.slice(prefix.length), stored.data);
  }
  return announcements;
}

function keep(
  store: Store,
  announcements: Map<string, AnnouncedRegistry>,
  { key, registry }: { key: string; registry: AnnouncedRegistry },
): void {
  if (JSON.stringify(announcements.get(key)) === JSON.stringify(registry)) return;
  announcements.set(key, registry);
  store.write(prefix + key, registry);
}

function forget(store: Store, announcements: Map<string, AnnouncedRegistry>, key: string): void {
  announcements.delete(key);
  store.remove(prefix + key);
}

/** What bridges say that are known, in the order in which it counts. */
function inOrder(announcements: ReadonlyMap<string, AnnouncedRegistry>, keys: readonly string[]): Announcement[] {
  return keys.flatMap((key) => {
    const registry = announcements.get(key);
    return registry === undefined ? [] : [{ key, registry, stdio: registry.servers.map(asEntry).filter(isStdio) }];
  });
}

interface Announcement {
  key: string;
  registry: AnnouncedRegistry;
  stdio: ServerEntry[];
}

/** Where two would have one identifier in code, a remote server wins, then the bridge that comes first. */
function merge(own: Registry, announcements: readonly Announcement[], takesRemote: boolean): Registry {
  if (announcements.length === 0) return own;
  const whole = takesRemote ? announcements.find(({ registry }) => registry.isWhole)?.registry : undefined;
  const base = whole ? whole.servers.map(asEntry) : own.servers.filter((server) => !isStdio(server));
  const winners = new Map<string, ServerEntry>();
  for (const server of [...base.filter((entry) => !isStdio(entry)), ...announcements.flatMap(({ stdio }) => stdio)]) {
    const name = toIdentifier(server.id);
    if (!winners.has(name)) winners.set(name, server);
  }
  // Whoever comes and goes changes which entry counts, never the order in which servers are listed.
  const inPlace = announcements.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const names = new Set([...base, ...inPlace.flatMap(({ stdio }) => stdio)].map(({ id }) => toIdentifier(id)));
  return {
    servers: [...names].flatMap((name) => winners.get(name) ?? []),
    problems: [...(whole ? [] : own.problems), ...inPlace.flatMap(({ registry }) => registry.problems)],
    warnings: whole ? [] : own.warnings,
  };
}

function isStdio({ mcp }: ServerEntry): boolean {
  return mcp.transport === "stdio";
}

/** The mark stands where the command would: whoever compares two entries sees that another is started. */
function asEntry({ mcp, ...entry }: AnnouncedServer): ServerEntry {
  if (mcp.transport !== "stdio") return { ...entry, mcp };
  return { ...entry, mcp: { transport: "stdio", command: `bridge:${mcp.mark}`, args: [], env: {} } };
}

function movedIds(before: Registry, after: Registry): string[] {
  const wayTo = ({ mcp, auth, oauth }: ServerEntry) => JSON.stringify([mcp, auth, oauth]);
  const now = new Map(after.servers.map((server) => [server.id, wayTo(server)]));
  return before.servers.filter((server) => now.get(server.id) !== wayTo(server)).map(({ id }) => id);
}
