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
  /** The session's store: what is known of bridges outlives this object. */
  store: Store;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Another bridge has replaced the one on this socket, which is to be closed. */
  onReplaced: (socket: WebSocket) => void;
}

/**
 * The bridges of one session, each with its own servers. A server that several bridges declare is served by the newest of them, and
 * by the next newest when that one disconnects.
 */
export class Bridges {
  readonly #parts: BridgesParts;
  readonly #memory: BridgeMemory;

  constructor(parts: BridgesParts) {
    this.#parts = parts;
    this.#memory = new BridgeMemory(parts.store);
  }

  /** The connected bridges, newest first. */
  connected(): Bridge[] {
    const sockets = new Map(this.#openSockets().map((socket) => [this.#memory.keyOf(socket), socket]));
    return this.#memory.all().flatMap((state) => {
      const socket = sockets.get(state.key);
      return socket === undefined ? [] : [{ ...state, socket }];
    });
  }

  /** The known bridges that are not connected, newest first. */
  away(): BridgeState[] {
    const connected = new Set(this.#openSockets().map((socket) => this.#memory.keyOf(socket)));
    return this.#memory.all().filter(({ key }) => !connected.has(key));
  }

  /** Keys of all known bridges, highest precedence first: the connected ones, then the others, each newest first. */
  precedence(): string[] {
    return [...this.connected(), ...this.away()].map(({ key }) => key);
  }

  /** The bridge that serves each server, by the server's id. */
  owners(): Map<string, Bridge> {
    const oldestFirst = this.connected().reverse();
    return new Map(oldestFirst.flatMap((bridge) => [...bridge.servers.keys()].map((id) => [id, bridge] as const)));
  }

  ownerOf(id: string): Bridge | undefined {
    return this.connected().find(({ servers }) => servers.has(id));
  }

  /** Ids of all servers that a known bridge declares, whether it is connected or not. */
  knownServers(): Set<string> {
    return new Set(this.#memory.all().flatMap(({ servers }) => [...servers.keys()]));
  }

  /** The bridge on a socket; undefined before its hello and after it was replaced. */
  find(socket: WebSocket): BridgeState | undefined {
    const key = this.#memory.keyOf(socket);
    return key === undefined ? undefined : this.#memory.find(key);
  }

  /**
   * Registers a bridge that said hello and closes those it replaces: its own earlier socket, even if that still looks alive, and
   * bridges whose servers are all served by others now. False when `bridgesMax` bridges are connected already.
   */
  register(socket: WebSocket, { key, bridge, instance, servers, registry }: Extract<BridgeFrame, { type: "hello" }>): boolean {
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
    if (isWhole) this.#forgetPredecessors(key);
    this.#forgetOld();
    return true;
  }

  /** Stores a bridge's servers again, because there are others or their states have changed. */
  update(state: BridgeState, servers: Iterable<BridgeServer>): void {
    this.#memory.write({ ...state, servers });
  }

  /** A socket has closed. */
  disconnected(socket: WebSocket): void {
    const state = this.find(socket);
    this.#memory.detach(socket);
    if (state !== undefined) this.#memory.write({ ...state, servers: state.servers.values(), seenAt: this.#parts.now() });
  }

  #replace(socket: WebSocket): void {
    this.#memory.detach(socket);
    this.#parts.onReplaced(socket);
  }

  /** Only one bridge stands for the Worker's own registry: servers of an earlier one would be listed, and never reached. */
  #forgetPredecessors(key: string): void {
    for (const other of this.away()) {
      if (other.isWhole && other.key !== key) this.#memory.forget(other.key);
    }
  }

  /** A bridge that is not connected stays known for `bridgeKnownMs`, unless `bridgesKnownMax` newer ones are known. */
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

/** A bridge whose file stands for the Worker's own registry is never left with nothing, whoever serves its stdio servers. */
function isLeftWithNothing({ key, servers, isWhole }: Bridge, owners: ReadonlyMap<string, Bridge>): boolean {
  return !isWhole && servers.size > 0 && [...servers.keys()].every((id) => owners.get(id)?.key !== key);
}
