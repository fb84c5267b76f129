import { z } from "zod";
import { toIdentifier } from "./codegen/identifiers.ts";
import type { Store } from "./ports.ts";
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

/** The registry of one session: the Worker's own, and what its bridge has last said. */
export interface SessionRegistry {
  current(): Registry;
  /** Gives the ids of the servers that are reached otherwise than before, or gone; undefined when nothing changed at all. */
  take(announced: AnnouncedRegistry): string[] | undefined;
}

const storeKey = "registry/announced";

export interface SessionRegistryParts {
  own: Registry;
  store: Store;
  /**
   * Whether remote servers are taken from the bridge too. Only where bridge and Worker are one user's on one machine: an address
   * is called with the Worker's secrets, and elsewhere a bridge is trusted with less than those.
   */
  takesRemote: boolean;
}

/**
 * Before a bridge has spoken, the Worker's own registry. After that the stdio servers are the bridge's, for only its machine
 * can start them, and they stay known while it is away.
 */
export function createSessionRegistry({ own, store, takesRemote }: SessionRegistryParts): SessionRegistry {
  const stored = AnnouncedRegistry.safeParse(store.read(storeKey));
  let text = stored.success ? JSON.stringify(stored.data) : undefined;
  let registry = stored.success ? merge(own, stored.data, takesRemote) : own;
  return {
    current: () => registry,
    take(announced) {
      const next = JSON.stringify(announced);
      if (next === text) return undefined;
      store.write(storeKey, announced);
      text = next;
      const before = registry;
      registry = merge(own, announced, takesRemote);
      return movedIds(before, registry);
    },
  };
}

function merge(own: Registry, announced: AnnouncedRegistry, takesRemote: boolean): Registry {
  const told = announced.servers.map(asEntry);
  if (takesRemote && announced.isWhole) return { servers: told, problems: announced.problems, warnings: [] };
  const remote = own.servers.filter(({ mcp }) => mcp.transport !== "stdio");
  const taken = new Set(remote.map(({ id }) => toIdentifier(id)));
  const stdio = told.filter(({ id, mcp }) => mcp.transport === "stdio" && !taken.has(toIdentifier(id)));
  return { servers: [...remote, ...stdio], problems: [...own.problems, ...announced.problems], warnings: own.warnings };
}

/** The mark stands where the command would: whoever compares two entries sees that another is started. */
function asEntry({ mcp, ...entry }: AnnouncedServer): ServerEntry {
  if (mcp.transport !== "stdio") return { ...entry, mcp };
  return { ...entry, mcp: { transport: "stdio", command: `bridge:${mcp.mark}`, args: [], env: {} } };
}

function movedIds(before: Registry, after: Registry): string[] {
  const now = new Map(after.servers.map((server) => [server.id, JSON.stringify(server.mcp)]));
  return before.servers.filter(({ id, mcp }) => now.get(id) !== JSON.stringify(mcp)).map(({ id }) => id);
}
