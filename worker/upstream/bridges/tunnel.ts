import type { Clock } from "../../../core/clock.ts";
import { UpstreamError } from "../../../core/errors.ts";
import { FeatureAnswer, type FeatureRequest, featureMembers } from "../../../core/mcp/resources-and-prompts.ts";
import { stateLost } from "../../../core/mcp/state-loss.ts";
import { readTools } from "../../../core/mcp/tool.ts";
import { readToolResult } from "../../../core/mcp/tool-result.ts";
import type { Reachability, ToolCall, Upstream, UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import type { Store } from "../../../core/store.ts";
import { startOf, withoutInvisible } from "../../../core/text.ts";
import { ProcessOutput } from "../../../core/tunnel/frames.ts";
import { bridgeLimits } from "./bridge-limits.ts";
import { type BridgedSession, refused, type Unreachable, unreachableBecause } from "./bridge-refusal.ts";
import { type Bridge, Bridges } from "./bridges.ts";
import { PendingRequests } from "./pending-requests.ts";
import { ServerHistory } from "./server-history.ts";
import { type TunnelEvents, TunnelSockets } from "./tunnel-sockets.ts";

interface TunnelParts extends TunnelEvents {
  /** The session's open bridge sockets; they survive hibernation, this object does not. */
  sockets: () => WebSocket[];
  /** The session's store: what is known of bridges outlives this object. */
  store: Store;
  newRequestId: () => string;
  clock: Clock;
  /** For the message that no bridge is connected. */
  session: () => BridgedSession;
}

/** A request over the tunnel without its id. */
type Request = { type: "list_tools" } | ({ type: "call_tool" } & ToolCall) | { type: "ask"; request: FeatureRequest };

/** The upstream of stdio servers: reaches them through the sockets that bridges opened. */
export class Tunnel implements Upstream {
  readonly #parts: TunnelParts;
  readonly #bridges: Bridges;
  readonly #history: ServerHistory;
  readonly #pending: PendingRequests;
  readonly #sockets: TunnelSockets;

  constructor(parts: TunnelParts) {
    this.#parts = parts;
    this.#pending = new PendingRequests(parts.clock);
    this.#bridges = new Bridges({
      ...parts,
      now: parts.clock.now,
      onReplaced: (socket) => this.#sockets.close(socket, "replaced", "another bridge serves its servers now"),
    });
    this.#history = new ServerHistory(parts.store);
    this.#sockets = new TunnelSockets({
      bridges: this.#bridges,
      history: this.#history,
      pending: this.#pending,
      events: parts,
    });
  }

  /** A bridge's socket was opened, and has said nothing yet. */
  opened(socket: WebSocket): void {
    this.#sockets.opened(socket, this.#parts.sockets());
  }

  /** One message of a bridge's socket. */
  receive(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#sockets.receive(socket, message);
  }

  /** The other end closed the socket, or it broke. */
  closed(socket: WebSocket): void {
    this.#sockets.closed(socket);
  }

  /** Keys of all known bridges, highest precedence first. */
  bridgeKeys(): string[] {
    return this.#bridges.precedence();
  }

  reachability(server: ServerEntry): Reachability {
    const owner = this.#bridges.ownerOf(server.id);
    if (owner === undefined) return this.#unreachable(server);
    const declared = owner.servers.get(server.id);
    if (declared?.state === "failed") return { status: "unavailable", reason: declared.reason ?? "It did not start." };
    return { status: declared?.state === "running" ? "connected" : "not_connected" };
  }

  async listTools(server: ServerEntry, options: UpstreamCallOptions) {
    const value = await this.#request(server, { type: "list_tools" }, options);
    return readTools(Array.isArray(value) ? value : []);
  }

  async callTool(server: ServerEntry, call: ToolCall, options: UpstreamCallOptions) {
    const result = await this.#request(server, { type: "call_tool", ...call }, options);
    return readToolResult(result, { server: server.id, tool: call.tool });
  }

  async ask(server: ServerEntry, request: FeatureRequest, options: UpstreamCallOptions) {
    const answer = FeatureAnswer.safeParse(await this.#request(server, { type: "ask", request }, options));
    if (answer.success) return answer.data;
    const tool = featureMembers[request.method];
    throw new UpstreamError("tool_error", `${server.id}.${tool} answered something that is not a result.`, {
      delivery: "answered",
    });
  }

  /** What a server has printed since its last start; undefined while no bridge that serves it is connected. */
  async output(server: string, options: UpstreamCallOptions): Promise<ProcessOutput | undefined> {
    const owner = this.#bridges.ownerOf(server);
    if (owner === undefined) return undefined;
    const frame = { type: "process_output", id: this.#parts.newRequestId(), server, ...timesOf(options) } as const;
    const { first, last, ...rest } = ProcessOutput.parse(await this.#pending.send(owner.socket, frame, options));
    return { ...rest, first: readable(first), last: readable(last) };
  }

  async #request(server: ServerEntry, request: Request, options: UpstreamCallOptions): Promise<unknown> {
    const owner = this.#bridges.ownerOf(server.id);
    // Also for a server that has failed: the bridge tries to start it again.
    if (owner === undefined) throw refused(server, this.#unreachable(server));
    if (server.stateful && request.type === "call_tool") this.#refuseAfterLoss(server, owner);
    const id = this.#parts.newRequestId();
    const asking = request.type === "list_tools" ? {} : askingOf(options);
    return this.#pending.send(owner.socket, { id, server: server.id, ...timesOf(options), ...asking, ...request }, options);
  }

  /**
   * Fails the first call of a stateful server after it lost its state with the process of its bridge: a program that relies on the
   * state must not get a fresh server without knowing. One that nobody used lately is not reported. A loss within one process is reported by the bridge itself.
   */
  #refuseAfterLoss({ id }: ServerEntry, { instance, bridge }: Bridge): void {
    const now = this.#parts.clock.now();
    if (!this.#history.takeLoss(id, instance, now)) {
      this.#history.called(id, instance, now);
      return;
    }
    const because = `the bridge on ${bridge} was restarted, or serves it in place of another.`;
    throw stateLost(id, { because, nextCall: "starts it afresh" });
  }

  #unreachable({ id }: ServerEntry): Unreachable {
    const connected = this.#bridges.connected();
    const away = this.#bridges.away().filter(({ servers }) => servers.has(id));
    return unreachableBecause(id, { connected, away, session: this.#parts.session() });
  }
}

/** A bridge of another kind may keep more than ours. */
function readable(lines: readonly string[]): string[] {
  return lines
    .slice(0, bridgeLimits.outputLinesMax)
    .map((line) => withoutInvisible(startOf(line, bridgeLimits.outputLineCharsMax)));
}

function timesOf({ timeoutMs, totalMs }: UpstreamCallOptions) {
  return { timeoutMs, ...(totalMs !== undefined && { totalMs }) };
}

function askingOf({ canElicit, caller }: UpstreamCallOptions) {
  return { ...(canElicit === false && { canElicit }), ...(caller !== undefined && { caller }) };
}
