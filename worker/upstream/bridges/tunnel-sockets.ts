import type { KnownBridges } from "../../../core/registry/session-registry.ts";
import { FrameReader } from "../../../core/tunnel/encoding.ts";
import {
  BridgeFrame,
  type BridgeServer,
  closeCodes,
  isOtherHello,
  type SentFrame,
  tunnelVersion,
} from "../../../core/tunnel/frames.ts";
import { bridgeLimits } from "./bridge-limits.ts";
import type { Bridges } from "./bridges.ts";
import type { PendingRequests } from "./pending-requests.ts";
import type { ServerHistory } from "./server-history.ts";

/** Which bridges are known now. */
export interface BridgesChange extends KnownBridges {
  /** A bridge has just said hello: its servers can be reached from now on. */
  isArrival: boolean;
}

export interface TunnelEvents {
  onBridges: (change: BridgesChange) => void;
  /** A bridge was not let in, or may not stay: by which rule, as the audit names it. */
  onRefused: (rule: string) => void;
  /** A server sent `tools/list_changed`. */
  onToolsChanged: (id: string) => void;
  /** Another process of a bridge serves these servers now: their tools may have changed. */
  onToolsOutdated: (ids: string[]) => void;
}

interface TunnelSocketsParts {
  bridges: Bridges;
  history: ServerHistory;
  pending: PendingRequests;
  events: TunnelEvents;
}

type FrameOf<Type extends BridgeFrame["type"]> = Extract<BridgeFrame, { type: Type }>;

const rules = { badFrame: "bridge_frame", versionMismatch: "bridge_version", full: "bridges" } as const;

/** Handles the messages and the ends of the sockets that bridges opened. */
export class TunnelSockets {
  readonly #bridges: Bridges;
  readonly #history: ServerHistory;
  readonly #pending: PendingRequests;
  readonly #events: TunnelEvents;
  /** Sockets that this side has closed. */
  readonly #closed = new WeakSet<WebSocket>();
  readonly #readers = new WeakMap<WebSocket, FrameReader<SentFrame>>();

  constructor({ bridges, history, pending, events }: TunnelSocketsParts) {
    this.#bridges = bridges;
    this.#history = history;
    this.#pending = pending;
    this.#events = events;
  }

  /** Handles one message. One that is not a frame ends the connection, because the other end is not a bridge of this version. */
  receive(socket: WebSocket, message: string | ArrayBuffer): void {
    // It was on its way when the socket was closed.
    if (this.#closed.has(socket)) return;
    const reading = this.#readerOf(socket).read(typeof message === "string" ? message : "");
    switch (reading.kind) {
      case "frames":
        for (const frame of reading.frames) this.#take(socket, frame);
        break;
      case "part":
        break;
      case "interrupted":
        this.close(socket, "interrupted", "the session was restarted in the middle of a frame; connect again");
        break;
      case "broken":
        this.#refuseFrame(socket, { message, reason: reading.reason });
        break;
    }
  }

  /**
   * A socket was opened. Where too many are open that never said hello, others of them are closed: an honest bridge says it at once.
   * @param open all sockets, this one included
   */
  opened(socket: WebSocket, open: readonly WebSocket[]): void {
    const isSilent = (other: WebSocket) => !this.#closed.has(other) && this.#bridges.find(other) === undefined;
    const silent = open.filter((other) => other !== socket && other.readyState === WebSocket.OPEN && isSilent(other));
    for (const other of silent.slice(bridgeLimits.silentSocketsMax - 1)) {
      this.close(other, "interrupted", "too many connections have not said hello; connect again");
    }
  }

  /** Closes a socket. Its unanswered requests fail at once, because the other end may never confirm the close. */
  close(socket: WebSocket, why: keyof typeof closeCodes, reason: string): void {
    this.#closed.add(socket);
    socket.close(closeCodes[why], reason);
    this.#forget(socket);
  }

  /** The other end closed the socket, or it broke. */
  closed(socket: WebSocket): void {
    // Answers the close frame of the other end, which waits for that.
    if (socket.readyState === WebSocket.CLOSING && !this.#closed.has(socket)) socket.close(1000);
    this.#forget(socket);
  }

  /** A bridge of another version is told so, whatever else is in its hello. */
  #refuseFrame(socket: WebSocket, { message, reason }: { message: string | ArrayBuffer; reason: string }): void {
    const isOther = typeof message === "string" && isOtherHello(message);
    const words = `this orchestrator speaks tunnel version ${tunnelVersion}; update the older side`;
    this.#refuse(socket, isOther ? "versionMismatch" : "badFrame", isOther ? words : reason);
  }

  #refuse(socket: WebSocket, why: keyof typeof rules, reason: string): void {
    this.#events.onRefused(rules[why]);
    this.close(socket, why, reason);
  }

  /** The socket is gone, and with it the answers to its requests. */
  #forget(socket: WebSocket): void {
    this.#pending.failAll(socket);
    if (this.#bridges.find(socket) === undefined) return;
    this.#bridges.disconnected(socket);
    this.#reportChange({ isArrival: false });
  }

  #take(socket: WebSocket, frame: SentFrame): void {
    switch (frame.type) {
      case "hello":
        this.#register(socket, frame);
        break;
      case "registry":
        this.#updateRegistry(socket, frame);
        break;
      case "server_status":
        this.#updateServer(socket, frame.server);
        break;
      case "progress":
        this.#pending.progress(socket, frame);
        break;
      case "log":
        this.#pending.log(socket, frame);
        break;
      case "elicit":
        void this.#pending.elicit(socket, frame);
        break;
      case "result":
        this.#pending.answer(socket, frame);
        break;
      case "failure":
        this.#pending.fail(socket, frame);
        break;
    }
  }

  #register(socket: WebSocket, hello: FrameOf<"hello">): void {
    if (this.#bridges.find(socket) !== undefined) {
      this.#refuse(socket, "badFrame", "a bridge says hello once");
      return;
    }
    if (!this.#bridges.register(socket, hello)) {
      this.#refuse(socket, "full", "too many bridges serve this session");
      return;
    }
    const { key, registry } = hello;
    this.#reportChange({ isArrival: true, advertised: registry && { key, registry } });
    this.#history.keepOnly(this.#bridges.knownServers());
  }

  #updateRegistry(socket: WebSocket, { registry, servers }: FrameOf<"registry">): void {
    const known = this.#bridges.find(socket);
    if (known === undefined) return;
    this.#bridges.update(known, servers);
    this.#reportChange({ isArrival: false, advertised: { key: known.key, registry } });
  }

  #updateServer(socket: WebSocket, server: BridgeServer): void {
    const known = this.#bridges.find(socket);
    // The status was on its way when the server was removed from the file.
    if (known === undefined || !known.servers.has(server.id)) return;
    this.#bridges.update(known, new Map(known.servers).set(server.id, server).values());
    this.#compareTools();
  }

  /** The registry first, so that changes of tools reach the orchestrator that has the new registry. */
  #reportChange(change: Omit<BridgesChange, "keys">): void {
    this.#events.onBridges({ keys: this.#bridges.precedence(), ...change });
    this.#compareTools();
  }

  #compareTools(): void {
    const served = [...this.#bridges.owners()].map(([id, { instance, servers }]) => {
      return { id, instance, toolsChanges: servers.get(id)?.toolsChanges ?? 0 };
    });
    const { told, moved } = this.#history.note(served);
    told.forEach(this.#events.onToolsChanged);
    this.#events.onToolsOutdated(moved);
  }

  #readerOf(socket: WebSocket): FrameReader<SentFrame> {
    const known = this.#readers.get(socket);
    if (known) return known;
    const reader = new FrameReader<SentFrame>(BridgeFrame);
    this.#readers.set(socket, reader);
    return reader;
  }
}
