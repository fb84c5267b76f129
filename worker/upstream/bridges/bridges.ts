import { limits } from "../../../core/limits.ts";
import type { Store } from "../../../core/store.ts";
import type { BridgeFrame, BridgeServer } from "../../../core/tunnel/frames.ts";
import { BridgeMemory, type BridgeState } from "./bridge-memory.ts";

/** A bridge that is connected. */
export interface Bridge extends BridgeState {
  socket: WebSocket;
}

export interface BridgesParts {
  /** The session's open bridge sockets; they survive hibernation, this object does not. */
  sockets: () => WebSocket[];
  /** The session's, for what is to outlive this object. */
  store: Store;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Another bridge has taken its place; it is to be hung up on. */
  onReplaced: (socket: WebSocket) => void;
}

/**
 * The bridges of one session, each with its own servers. A server that several declare is the newest one's; when that goes, it is
 * the next one's again.
 */
export class Bridges {
  readonly #parts: BridgesParts;
  readonly #memory: BridgeMemory;

  constructor(parts: BridgesParts) {
    this.#parts = parts;
    this.#memory = new BridgeMemory(parts.store);
  }

  /** Newest first. */
  connected(): Bridge[] {
    const sockets = new Map(this.#openSockets().map((socket) => [this.#memory.keyOf(socket), socket]));
    return this.#memory.all().flatMap((state) => {
      const socket = sockets.get(state.key);
      return socket === undefined ? [] : [{ ...state, socket }];
    });
  }

  /** Known and not connected, newest first. */
  away(): BridgeState[] {
    const here = new Set(this.#openSockets().map((socket) => this.#memory.keyOf(socket)));
    return this.#memory.all().filter(({ key }) => !here.has(key));
  }

  /** Keys of all that are known, in the order in which their word counts: whoever is here, then whoever was, newest first. */
  precedence(): string[] {
    return [...this.connected(), ...this.away()].map(({ key }) => key);
  }

  /** By id: which bridge serves each server that is served. */
  owners(): Map<string, Bridge> {
    const oldestFirst = this.connected().reverse();
    return new Map(oldestFirst.flatMap((bridge) => [...bridge.servers.keys()].map((id) => [id, bridge] as const)));
  }

  ownerOf(id: string): Bridge | undefined {
    return this.connected().find(({ servers }) => servers.has(id));
  }

  /** Ids of all that any bridge declares, here or away. */
  knownServers(): Set<string> {
    return new Set(this.#memory.all().flatMap(({ servers }) => [...servers.keys()]));
  }

  /** What it said last; undefined before its hello, and after it was replaced. */
  find(socket: WebSocket): BridgeState | undefined {
    const key = this.#memory.keyOf(socket);
    return key === undefined ? undefined : this.#memory.find(key);
  }

  /**
   * Takes a bridge in and hangs up on those it replaces: its own earlier socket, however alive that looks, and bridges that
   * are left with no server of their own. False when there are too many.
   */
  welcome(socket: WebSocket, { key, bridge, instance, servers, registry }: Extract<BridgeFrame, { type: "hello" }>): boolean {
    for (const other of this.#openSockets()) {
      if (other !== socket && this.#memory.keyOf(other) === key) this.#replace(other);
    }
    const turn = (this.#memory.all()[0]?.turn ?? 0) + 1;
    if (this.connected().length >= limits.bridgesMax) return false;
    const isWhole = registry?.isWhole === true;
    this.#memory.attach(socket, key);
    this.#memory.write({ key, bridge, instance, turn, isWhole, seenAt: this.#parts.now(), servers });
    const owners = this.owners();
    for (const other of this.connected()) {
      if (isLeftWithNothing(other, owners)) this.#replace(other.socket);
    }
    this.#forgetOld();
    return true;
  }

  /** The same bridge has other servers, or they are otherwise than before. */
  update(state: BridgeState, servers: Iterable<BridgeServer>): void {
    this.#memory.write({ ...state, servers });
  }

  /** The socket is closed. */
  left(socket: WebSocket): void {
    const state = this.find(socket);
    this.#memory.detach(socket);
    if (state !== undefined) this.#memory.write({ ...state, servers: state.servers.values(), seenAt: this.#parts.now() });
  }

  #replace(socket: WebSocket): void {
    this.#memory.detach(socket);
    this.#parts.onReplaced(socket);
  }

  /** Servers of a bridge that is away stay known for a while, not for ever. */
  #forgetOld(): void {
    const oldest = this.#parts.now() - limits.bridgeKnownMs;
    const kept = limits.bridgesKnownMax - this.connected().length;
    for (const [index, { key, seenAt }] of this.away().entries()) {
      if (index >= kept || seenAt < oldest) this.#memory.forget(key);
    }
  }

  #openSockets(): WebSocket[] {
    return this.#parts.sockets().filter(({ readyState }) => readyState === WebSocket.OPEN);
  }
}

/** One that stands for the Worker's own registry has that left, whoever serves its stdio servers. */
function isLeftWithNothing({ key, servers, isWhole }: Bridge, owners: ReadonlyMap<string, Bridge>): boolean {
  return !isWhole && servers.size > 0 && [...servers.keys()].every((id) => owners.get(id)?.key !== key);
}
