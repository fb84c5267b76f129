import { z } from "zod";
import { limits } from "../../../core/limits.ts";
import type { Store } from "../../../core/store.ts";
import { BridgeServer } from "../../../core/tunnel/frames.ts";

/** A bridge that has said hello, now or once. */
export interface BridgeState {
  key: string;
  /** The name of its machine. */
  bridge: string;
  /** Of its process. */
  instance: string;
  /** Grows with each hello of the session: whoever has the most came last. */
  turn: number;
  /** Milliseconds since the epoch: when it came or went last. */
  seenAt: number;
  /** Its file stands for the Worker's own registry. */
  isWhole: boolean;
  /** By id: how the servers are that it declares. */
  servers: ReadonlyMap<string, BridgeServer>;
}

const Stored = z.object({
  key: z.string(),
  bridge: z.string(),
  instance: z.string(),
  turn: z.number(),
  seenAt: z.number(),
  isWhole: z.boolean(),
  servers: z.array(BridgeServer),
});
/** All that a socket itself keeps: the runtime allows 16 KiB, and a thousand servers need more. */
const Attachment = z.object({ key: z.string() });

const prefix = "bridge/";

/** Which bridges there are and who is at the other end of each socket, through hibernation and eviction. */
export class BridgeMemory {
  readonly #store: Store;
  #known: Map<string, BridgeState> | undefined;
  /** What the attachments say, read once: every call asks. */
  readonly #keys = new WeakMap<WebSocket, string | undefined>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Newest first, those that are away included. */
  all(): BridgeState[] {
    return [...this.#load().values()].sort((a, b) => b.turn - a.turn);
  }

  find(key: string): BridgeState | undefined {
    return this.#load().get(key);
  }

  /** Of the bridge at its other end; undefined when that has not said hello, or was replaced. */
  keyOf(socket: WebSocket): string | undefined {
    if (!this.#keys.has(socket)) this.#keys.set(socket, Attachment.safeParse(socket.deserializeAttachment()).data?.key);
    return this.#keys.get(socket);
  }

  attach(socket: WebSocket, key: string): void {
    this.#keys.set(socket, key);
    socket.serializeAttachment({ key } satisfies z.infer<typeof Attachment>);
  }

  detach(socket: WebSocket): void {
    this.#keys.set(socket, undefined);
    socket.serializeAttachment(null);
  }

  write({ servers, ...state }: Omit<BridgeState, "servers"> & { servers: Iterable<BridgeServer> }): BridgeState {
    const stored: z.infer<typeof Stored> = { ...state, servers: [...servers].map(shorten) };
    this.#store.write(prefix + state.key, stored);
    const written = stateOf(stored);
    this.#load().set(state.key, written);
    return written;
  }

  forget(key: string): void {
    this.#load().delete(key);
    this.#store.remove(prefix + key);
  }

  #load(): Map<string, BridgeState> {
    if (this.#known) return this.#known;
    this.#known = new Map();
    for (const key of this.#store.keys(prefix)) {
      const stored = Stored.safeParse(this.#store.read(key));
      if (stored.success) this.#known.set(stored.data.key, stateOf(stored.data));
      else this.#store.remove(key);
    }
    return this.#known;
  }
}

function stateOf({ servers, ...state }: z.infer<typeof Stored>): BridgeState {
  return { ...state, servers: new Map(servers.map((server) => [server.id, server])) };
}

/** What a failed server last printed is long, and shown cut anyway. */
function shorten(server: BridgeServer): BridgeServer {
  return server.reason === undefined ? server : { ...server, reason: server.reason.slice(0, limits.reasonCharsMax) };
}
