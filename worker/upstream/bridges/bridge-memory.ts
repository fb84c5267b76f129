import { z } from "zod";
import { limits } from "../../../core/limits.ts";
import type { Store } from "../../../core/store.ts";
import { startOf } from "../../../core/text.ts";
import { BridgeServer } from "../../../core/tunnel/frames.ts";

/** A bridge that has said hello, connected now or not. */
export interface BridgeState {
  key: string;
  /** The name of its machine. */
  bridge: string;
  /** The id of its process. */
  instance: string;
  /** Grows with each hello in the session: the bridge with the highest turn connected last. */
  turn: number;
  /** Milliseconds since the epoch: when it last connected or disconnected. */
  seenAt: number;
  /** Its file stands for the Worker's own registry. */
  isWhole: boolean;
  /** The states of the servers that it declares, by id. */
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
/** The rest is in the store: the runtime allows an attachment of 16 KiB, and the states of a thousand servers need more. */
const Attachment = z.object({ key: z.string() });

const prefix = "bridge/";

/** Which bridges are known, and which one is at the other end of each socket. Survives hibernation and eviction. */
export class BridgeMemory {
  readonly #store: Store;
  #known: Map<string, BridgeState> | undefined;
  /** Cached from the attachments, because every call looks them up. */
  readonly #keys = new WeakMap<WebSocket, string | undefined>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** All known bridges, connected or not, newest first. */
  all(): BridgeState[] {
    return [...this.#load().values()].sort((a, b) => b.turn - a.turn);
  }

  find(key: string): BridgeState | undefined {
    return this.#load().get(key);
  }

  /** The key of the bridge at the other end; undefined before its hello and after it was replaced. */
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

/** The reason has what a failed server last printed, which may be long and is only ever shown shortened. */
function shorten(server: BridgeServer): BridgeServer {
  return server.reason === undefined ? server : { ...server, reason: startOf(server.reason, limits.reasonCharsMax) };
}
