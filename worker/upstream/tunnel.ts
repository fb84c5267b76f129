import type { AnnouncedRegistry } from "../../core/announcement.ts";
import { type ErrorCode, UpstreamError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Progress, Reachability, Store, ToolCall, Upstream, UpstreamCallOptions } from "../../core/ports.ts";
import type { ServerEntry } from "../../core/registry.ts";
import { CallToolResult } from "../../core/result.ts";
import { readTools } from "../../core/tool.ts";
import {
  BridgeFrame,
  type BridgeServer,
  closeCodes,
  decodeFrame,
  encodeFrame,
  tunnelVersion,
  type WorkerFrame,
} from "../../core/tunnel.ts";
import { BridgeMemory, type BridgeState } from "./bridge-memory.ts";

interface Pending {
  server: string;
  socket: WebSocket;
  resolve(value: unknown): void;
  reject(error: UpstreamError): void;
  onProgress: ((progress: Progress) => void) | undefined;
}

interface TunnelParts {
  /** The session's open bridge sockets, oldest first; they survive hibernation, this object does not. */
  sockets: () => WebSocket[];
  /** The session's, for what is to outlive this object. */
  store: Store;
  newRequestId: () => string;
  /** A bridge said hello, or that its file changed: its servers can be reached from now on. */
  onBridge: (registry: AnnouncedRegistry | undefined) => void;
  /** A server said that its tools changed. */
  onToolsChanged: (id: string) => void;
}

/** A request over the tunnel without its id. */
type Request = { type: "list_tools" } | ({ type: "call_tool" } & ToolCall);

/** Stdio servers, through the socket that the bridge dialled. */
export class Tunnel implements Upstream {
  readonly #parts: TunnelParts;
  readonly #pending = new Map<string, Pending>();
  readonly #memory: BridgeMemory;

  constructor(parts: TunnelParts) {
    this.#parts = parts;
    this.#memory = new BridgeMemory(parts.store);
  }

  reachability(server: ServerEntry): Reachability {
    const bridge = this.#bridge();
    if (bridge === undefined) {
      return {
        status: "bridge_offline",
        reason: "No bridge is connected. Start it with: npm start, or npm run bridge -- start --url <url>",
      };
    }
    const declared = bridge.servers.get(server.id);
    if (declared === undefined) {
      return {
        status: "unavailable",
        reason: `The bridge on ${bridge.bridge} does not declare "${server.id}" in its registry file.`,
      };
    }
    if (declared.state === "failed") return { status: "unavailable", reason: declared.reason ?? "It did not start." };
    return { status: declared.state === "running" ? "connected" : "not_connected" };
  }

  async listTools(server: ServerEntry, options: UpstreamCallOptions) {
    const value = await this.#request(server, { type: "list_tools" }, options);
    return readTools(Array.isArray(value) ? value : []);
  }

  async callTool(server: ServerEntry, call: ToolCall, options: UpstreamCallOptions) {
    const result = CallToolResult.safeParse(await this.#request(server, { type: "call_tool", ...call }, options));
    if (result.success) return result.data;
    throw new UpstreamError("tool_error", `${server.id}.${call.tool} answered something that is no tool result.`, {
      delivery: "answered",
    });
  }

  /** One message of a bridge's socket. What is no frame ends the connection: the other end is not our bridge. */
  receive(socket: WebSocket, message: string | ArrayBuffer): void {
    const frame = typeof message === "string" ? decodeFrame(BridgeFrame, message) : undefined;
    if (frame === undefined) {
      socket.close(closeCodes.badFrame, "not a frame of this protocol");
      return;
    }
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
        this.#pending.get(frame.id)?.onProgress?.(frame);
        break;
      case "result":
        this.#take(frame.id)?.resolve(frame.value);
        break;
      case "failure":
        this.#take(frame.id)?.reject(failureOf(frame));
        break;
    }
  }

  /** The socket is gone: what it owed an answer for may or may not have happened. */
  closed(socket: WebSocket): void {
    for (const [id, pending] of this.#pending) {
      if (pending.socket !== socket) continue;
      this.#pending.delete(id);
      pending.reject(
        new UpstreamError(
          "bridge_offline",
          `The bridge disconnected while ${pending.server} was working; the call may have happened.`,
          {
            delivery: "sent",
            server: pending.server,
          },
        ),
      );
    }
  }

  #welcome(socket: WebSocket, hello: Extract<BridgeFrame, { type: "hello" }>): void {
    if (hello.version !== tunnelVersion) {
      socket.close(closeCodes.versionMismatch, `this orchestrator speaks tunnel version ${tunnelVersion}; update the older side`);
      return;
    }
    this.#memory.write(socket, { bridge: hello.bridge, servers: hello.servers }, this.#parts.newRequestId);
    this.#memory.keepOnly(this.#parts.sockets());
    for (const other of this.#parts.sockets()) {
      if (other !== socket) other.close(closeCodes.replaced, "another bridge took this session");
    }
    this.#parts.onBridge(hello.registry);
  }

  #updateRegistry(socket: WebSocket, { registry, servers }: Extract<BridgeFrame, { type: "registry" }>): void {
    const known = this.#memory.read(socket);
    if (known === undefined) return;
    this.#memory.write(socket, { bridge: known.bridge, servers }, this.#parts.newRequestId);
    this.#parts.onBridge(registry);
  }

  #updateServer(socket: WebSocket, server: BridgeServer): void {
    const known = this.#memory.read(socket);
    if (known === undefined) return;
    const { bridge, servers } = known;
    const updated = new Map(servers).set(server.id, server).values();
    this.#memory.write(socket, { bridge, servers: updated }, this.#parts.newRequestId);
    if (server.toolsChanges !== servers.get(server.id)?.toolsChanges) this.#parts.onToolsChanged(server.id);
  }

  /** The newest bridge that has said hello. */
  #bridge(): (BridgeState & { socket: WebSocket }) | undefined {
    for (const socket of this.#parts.sockets().reverse()) {
      const state = this.#memory.read(socket);
      if (state !== undefined && socket.readyState === WebSocket.OPEN) return { ...state, socket };
    }
    return undefined;
  }

  async #request(
    server: ServerEntry,
    request: Request,
    { signal, timeoutMs, onProgress }: UpstreamCallOptions,
  ): Promise<unknown> {
    const reach = this.reachability(server);
    const bridge = this.#bridge();
    if (bridge === undefined || reach.status === "bridge_offline") throw refused("bridge_offline", server, reach);
    // A server that failed before is tried again: the bridge starts it anew.
    const isDeclared = bridge.servers.has(server.id);
    if (!isDeclared) throw refused("server_unavailable", server, reach);

    const id = this.#parts.newRequestId();
    const frame: WorkerFrame = { id, server: server.id, timeoutMs, ...request };
    const text = encodeFrame(frame);
    if (text === undefined) {
      throw new UpstreamError("invalid_arguments", `The arguments for ${server.id} are too large to send.`, {
        delivery: "not_sent",
      });
    }
    if (signal.aborted)
      throw new UpstreamError("cancelled", "The run ended before this call was sent.", { delivery: "not_sent" });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { server: server.id, socket: bridge.socket, resolve, reject, onProgress });
    bridge.socket.send(text);
    return this.#awaitAnswer(promise, { id, server, socket: bridge.socket, signal, timeoutMs });
  }

  /** The bridge keeps the time limit itself; the one here only covers a bridge that does not answer at all. */
  async #awaitAnswer(
    answer: Promise<unknown>,
    {
      id,
      server,
      socket,
      signal,
      timeoutMs,
    }: { id: string; server: ServerEntry; socket: WebSocket; signal: AbortSignal; timeoutMs: number },
  ): Promise<unknown> {
    const giveUp = (code: ErrorCode, message: string) => {
      const pending = this.#take(id);
      if (pending === undefined) return;
      const cancel = encodeFrame({ type: "cancel", id });
      if (cancel !== undefined) socket.send(cancel);
      pending.reject(new UpstreamError(code, message, { delivery: "sent", server: server.id }));
    };
    const onAbort = () => giveUp("cancelled", `The run ended while ${server.id} was working; the call may have happened.`);
    const timer = setTimeout(
      () => giveUp("call_timeout", `${server.id} did not answer within ${timeoutMs} ms; the call may have happened.`),
      timeoutMs + limits.runGraceMs / 2,
    );
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  #take(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}

function refused(code: "bridge_offline" | "server_unavailable", server: ServerEntry, reach: Reachability): UpstreamError {
  const reason = "reason" in reach ? reach.reason : "It cannot be reached.";
  return new UpstreamError(code, `${server.id} cannot be reached. ${reason}`, { delivery: "not_sent", server: server.id });
}

function failureOf({ error, delivery }: Extract<BridgeFrame, { type: "failure" }>): UpstreamError {
  const { code, message, ...details } = error;
  return new UpstreamError(code, message, { ...details, delivery });
}
