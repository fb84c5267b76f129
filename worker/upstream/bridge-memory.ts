import { z } from "zod";
import { limits } from "../../core/limits.ts";
import type { Store } from "../../core/ports.ts";
import { BridgeServer } from "../../core/tunnel.ts";

/** A bridge that has said hello. */
export interface BridgeState {
  /** The name of its machine. */
  bridge: string;
  /** By id: how the servers are that it declares. */
  servers: ReadonlyMap<string, BridgeServer>;
}

const Stored = z.object({ bridge: z.string(), servers: z.array(BridgeServer) });
/** All that a socket itself keeps: the runtime allows 16 KiB, and a thousand servers need more. */
const Attachment = z.object({ key: z.string() });

const prefix = "bridge/";

/** Who is at the other end of each socket, through hibernation and eviction. */
export class BridgeMemory {
  readonly #store: Store;
  readonly #known = new Map<string, BridgeState>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Undefined for a socket that has not said hello. */
  read(socket: WebSocket): BridgeState | undefined {
    const key = keyOf(socket);
    if (key === undefined) return undefined;
    const known = this.#known.get(key);
    if (known) return known;
    const stored = Stored.safeParse(this.#store.read(prefix + key));
    if (!stored.success) return undefined;
    return this.#keep(key, stored.data);
  }

  /** @param newKey for a socket that has none yet */
  write(socket: WebSocket, { bridge, servers }: { bridge: string; servers: Iterable<BridgeServer> }, newKey: () => string): void {
    let key = keyOf(socket);
    if (key === undefined) {
      key = newKey();
      socket.serializeAttachment({ key } satisfies z.infer<typeof Attachment>);
    }
    const state = { bridge, servers: [...servers].map(shorten) };
    this.#keep(key, state);
    this.#store.write(prefix + key, state);
  }

  /** Forgets all but these; a socket that closed while the object slept is gone without a word. */
  keepOnly(sockets: readonly WebSocket[]): void {
    const kept = new Set(sockets.map(keyOf));
    for (const stored of this.#store.keys(prefix)) {
      const key = stored.slice(prefix.length);
      if (kept.has(key)) continue;
      this.#known.delete(key);
      this.#store.remove(stored);
    }
  }

  #keep(key: string, { bridge, servers }: z.infer<typeof Stored>): BridgeState {
    const state: BridgeState = { bridge, servers: new Map(servers.map((server) => [server.id, server])) };
    this.#known.set(key, state);
    return state;
  }
}

function keyOf(socket: WebSocket): string | undefined {
  return Attachment.safeParse(socket.deserializeAttachment()).data?.key;
}

/** What a failed server last printed is long, and shown cut anyway. */
function shorten(server: BridgeServer): BridgeServer {
  return server.reason === undefined ? server : { ...server, reason: server.reason.slice(0, limits.reasonCharsMax) };
}
