import type { AnnouncedRegistry } from "../../../core/registry/session-registry.ts";
import { FrameReader } from "../../../core/tunnel/encoding.ts";
import {
  BridgeFrame,
  type BridgeServer,
  closeCodes,
  isOtherHello,
  type Part,
  tunnelVersion,
} from "../../../core/tunnel/frames.ts";
import type { Bridges } from "./bridges.ts";
import type { PendingRequests } from "./pending-requests.ts";
import type { ServerHistory } from "./server-history.ts";

/** Which bridges there are now. */
export interface BridgesChange {
  /** Of all that are known, in the order in which their word counts. */
  keys: string[];
  /** What one of them has just said of its file. */
  told?: { key: string; registry: AnnouncedRegistry } | undefined;
  /** One said hello, or that its file changed: its servers can be reached from now on. */
  isArrival: boolean;
}

export interface TunnelEvents {
  onBridges: (change: BridgesChange) => void;
  /** A server said that its tools changed. */
  onToolsChanged: (id: string) => void;
  /** Another process serves them than before: their tools may have changed. */
  onToolsOutdated: (ids: string[]) => void;
}

interface TunnelSocketsParts {
  bridges: Bridges;
  history: ServerHistory;
  pending: PendingRequests;
  events: TunnelEvents;
}

/** What a bridge says, whole. */
type SentFrame = Exclude<BridgeFrame, Part>;
type FrameOf<Type extends BridgeFrame["type"]> = Extract<BridgeFrame, { type: Type }>;

/** What comes over the sockets that bridges dialled, and their ends. */
export class TunnelSockets {
  readonly #bridges: Bridges;
  readonly #history: ServerHistory;
  readonly #pending: PendingRequests;
  readonly #events: TunnelEvents;
  readonly #hungUp = new WeakSet<WebSocket>();
  readonly #readers = new WeakMap<WebSocket, FrameReader<SentFrame>>();

  constructor({ bridges, history, pending, events }: TunnelSocketsParts) {
    this.#bridges = bridges;
    this.#history = history;
    this.#pending = pending;
    this.#events = events;
  }

  /** One message of a bridge's socket. What is no frame ends the connection: the other end is not our bridge. */
  receive(socket: WebSocket, message: string | ArrayBuffer): void {
    // What was on its way when it was hung up on.
    if (this.#hungUp.has(socket)) return;
    const reading = this.#readerOf(socket).read(typeof message === "string" ? message : "");
    switch (reading.kind) {
      case "frame":
        this.#take(socket, reading.frame);
        break;
      case "part":
        break;
      case "interrupted":
        this.hangUp(socket, "interrupted", "the session was started anew in the middle of a frame; dial again");
        break;
      case "broken":
        this.#refuseFrame(socket, { message, reason: reading.reason });
        break;
    }
  }

  /** Whoever is at the other end may never answer: what it owed is given up at once. */
  hangUp(socket: WebSocket, why: keyof typeof closeCodes, reason: string): void {
    this.#hungUp.add(socket);
    socket.close(closeCodes[why], reason);
    this.#forget(socket);
  }

  /** The other end closed the socket, or it broke. */
  closed(socket: WebSocket): void {
    // The answer to its close frame, without which the other end waits.
    if (socket.readyState === WebSocket.CLOSING && !this.#hungUp.has(socket)) socket.close(1000);
    this.#forget(socket);
  }

  /** A bridge of another version hears that, whatever else its hello holds. */
  #refuseFrame(socket: WebSocket, { message, reason }: { message: string | ArrayBuffer; reason: string }): void {
    const isOther = typeof message === "string" && isOtherHello(message);
    const words = `this orchestrator speaks tunnel version ${tunnelVersion}; update the older side`;
    if (isOther) this.hangUp(socket, "versionMismatch", words);
    else this.hangUp(socket, "badFrame", reason);
  }

  /** The socket is gone, and with it the answers that it owed. */
  #forget(socket: WebSocket): void {
    this.#pending.lose(socket);
    if (this.#bridges.find(socket) === undefined) return;
    this.#bridges.left(socket);
    this.#tellChange({ isArrival: false });
  }

  #take(socket: WebSocket, frame: SentFrame): void {
    switch (frame.type) {
      case "hello":
        this.#welcome(socket, frame);
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
        this.#pending.tell(socket, frame);
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

  #welcome(socket: WebSocket, hello: FrameOf<"hello">): void {
    if (this.#bridges.find(socket) !== undefined) {
      this.hangUp(socket, "badFrame", "a bridge says hello once");
      return;
    }
    if (!this.#bridges.welcome(socket, hello)) {
      this.hangUp(socket, "full", "too many bridges serve this session");
      return;
    }
    const { key, registry } = hello;
    this.#tellChange({ isArrival: true, told: registry && { key, registry } });
    this.#history.keepOnly(this.#bridges.knownServers());
  }

  #updateRegistry(socket: WebSocket, { registry, servers }: FrameOf<"registry">): void {
    const known = this.#bridges.find(socket);
    if (known === undefined) return;
    this.#bridges.update(known, servers);
    this.#tellChange({ isArrival: true, told: { key: known.key, registry } });
  }

  #updateServer(socket: WebSocket, server: BridgeServer): void {
    const known = this.#bridges.find(socket);
    // A status that was on its way when its file lost the server.
    if (known === undefined || !known.servers.has(server.id)) return;
    this.#bridges.update(known, new Map(known.servers).set(server.id, server).values());
    this.#compareTools();
  }

  /** The registry first: what is told of tools is told to the orchestrator that has it. */
  #tellChange(change: Omit<BridgesChange, "keys">): void {
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
