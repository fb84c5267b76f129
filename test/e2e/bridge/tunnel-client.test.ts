import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { systemClock } from "../../../bridge/clock.ts";
import type { LogEvent } from "../../../bridge/log.ts";
import { advertisedRegistry } from "../../../bridge/registry/advertised.ts";
import { createStdioServers, type StdioServers } from "../../../bridge/stdio/servers.ts";
import { openTunnel, type Tunnel } from "../../../bridge/tunnel/client.ts";
import type { Clock } from "../../../core/clock.ts";
import { limits } from "../../../core/limits.ts";
import { FrameReader, messagesOf } from "../../../core/tunnel/encoding.ts";
import { BridgeFrame, closeCodes, type SentFrame, tunnelVersion, type WorkerFrame } from "../../../core/tunnel/frames.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving, stdioEntry } from "../../support/stdio-entries.ts";
import { runningServers } from "./processes.ts";

/** A clock whose timers fire only when the test fires the oldest one of a given duration. */
class StoppedClock implements Clock {
  waits: { ms: number; wake: () => void }[] = [];

  now(): number {
    return 0;
  }

  after(ms: number, wake: () => void): () => void {
    const wait = { ms, wake };
    this.waits.push(wait);
    return () => this.#drop(wait);
  }

  fire(ms: number): void {
    const wait = this.waits.find((candidate) => candidate.ms === ms);
    if (!wait) throw new Error(`nobody waits ${ms} ms, but ${this.waits.map((other) => other.ms).join(", ")}`);
    this.#drop(wait);
    wait.wake();
  }

  #drop(wait: { ms: number; wake: () => void }): void {
    this.waits = this.waits.filter((other) => other !== wait);
  }
}

/** A bridge's socket on the Worker's side: its frames in order, and its pings. */
class Peer {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly #received: string[] = [];
  readonly #reader = new FrameReader<SentFrame>(BridgeFrame);
  /** Those that came together with one that was asked for. */
  readonly #frames: SentFrame[] = [];
  #wake: () => void = () => {};

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.socket = socket;
    this.request = request;
    socket.on("message", (data) => {
      this.#received.push(String(data));
      this.#wake();
    });
  }

  send(frame: WorkerFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  async text(): Promise<string> {
    while (this.#received.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#received.shift() ?? "";
  }

  async frame(): Promise<SentFrame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      const text = await this.text();
      const reading = this.#reader.read(text);
      if (reading.kind === "frames") this.#frames.push(...reading.frames);
      else if (reading.kind !== "part") throw new Error(`the bridge sent no frame: ${text.slice(0, 200)}`);
    }
  }

  /** The next frame of a type, skipping status and progress frames. */
  async next<T extends SentFrame["type"]>(type: T): Promise<Extract<SentFrame, { type: T }>> {
    for (;;) {
      const frame = await this.frame();
      if (isOfType(frame, type)) return frame;
    }
  }
}

function isOfType<T extends SentFrame["type"]>(frame: SentFrame, type: T): frame is Extract<SentFrame, { type: T }> {
  return frame.type === type;
}

const advertised = advertisedRegistry({ servers: [misbehaving("chatters")], problems: [], warnings: [] }, { isWhole: false });

const identity = { key: "the-key", instance: "the-first", machine: "a laptop" };

let http: Server;
let sockets: WebSocketServer;
let peers: Peer[];
let onPeer: () => void;
let servers: StdioServers;
let tunnel: Tunnel | undefined;
let clock: StoppedClock;
let events: LogEvent[];
let onEvent: () => void;

beforeEach(async () => {
  peers = [];
  onPeer = () => {};
  events = [];
  onEvent = () => {};
  clock = new StoppedClock();
  http = createServer();
  sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      peers.push(new Peer(webSocket, request));
      onPeer();
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
});

afterEach(async () => {
  tunnel?.close();
  await servers.close();
  for (const peer of peers) peer.socket.terminate();
  sockets.close();
  http.close();
  http.closeAllConnections();
  expect(runningServers()).toEqual([]);
});

function port(): number {
  return (http.address() as AddressInfo).port;
}

function open(name = "chatters", token: string | undefined = "secret"): Tunnel {
  servers = createStdioServers({
    servers: [misbehaving(name)],
    registryPath: "registry.json",
    environment: (variable) => process.env[variable],
    projectRoot,
    clock: systemClock,
    onStatus: (server) => tunnel?.sendStatus(server),
  });
  tunnel = openTunnel({
    address: new URL(`ws://127.0.0.1:${port()}/bridge`),
    token,
    identity,
    servers,
    registry: () => advertised,
    clock,
    random: () => 0.5,
    log: (event) => {
      events.push(event);
      onEvent();
    },
  });
  return tunnel;
}

async function nextPeer(): Promise<Peer> {
  for (;;) {
    const peer = peers.shift();
    if (peer) return peer;
    await new Promise<void>((resolve) => (onPeer = resolve));
  }
}

async function logged<T extends LogEvent["event"]>(name: T): Promise<Extract<LogEvent, { event: T }>> {
  for (;;) {
    const index = events.findIndex((event) => event.event === name);
    const [event] = index === -1 ? [] : events.splice(index, 1);
    if (event && isNamed(event, name)) return event;
    await new Promise<void>((resolve) => (onEvent = resolve));
  }
}

function isNamed<T extends LogEvent["event"]>(event: LogEvent, name: T): event is Extract<LogEvent, { event: T }> {
  return event.event === name;
}

const listTools = (id: string, server = "subject") => ({ type: "list_tools", id, server, timeoutMs: 20_000 }) as const;
const callTool = (id: string, tool: string, args = {}) =>
  ({ type: "call_tool", id, server: "subject", tool, args, timeoutMs: 20_000 }) as const;

describe("a connected bridge", () => {
  test("sends its token, then a hello frame with its servers as stopped", async () => {
    open();
    const peer = await nextPeer();
    expect(peer.request.headers.authorization).toBe("Bearer secret");
    expect(await peer.frame()).toEqual({
      type: "hello",
      version: tunnelVersion,
      key: "the-key",
      instance: "the-first",
      bridge: "a laptop",
      servers: [{ id: "subject", state: "stopped" }],
      registry: advertised,
    });
    expect(await logged("tunnel_connected")).toMatchObject({ servers: 1 });
  });

  test("lists tools, calls one, and reports that the server is running", async () => {
    open();
    const peer = await nextPeer();
    peer.send(listTools("1"));
    expect(await peer.next("server_status")).toEqual({ type: "server_status", server: { id: "subject", state: "running" } });
    const listed = await peer.next("result");
    expect(listed.id).toBe("1");
    expect(listed.value).toMatchObject([{ name: "echo" }, { name: "refuse_arguments" }, { name: "fail" }, { name: "large" }]);

    peer.send(callTool("2", "echo", { a: 1 }));
    expect(await peer.next("result")).toEqual({
      type: "result",
      id: "2",
      value: { content: [{ type: "text", text: '{"a":1}' }] },
    });
  });

  test("reports a changed registry with its servers and without their commands", async () => {
    const opened = open();
    const peer = await nextPeer();
    await peer.next("hello");
    await servers.replace([stdioEntry({ command: "secret-program" }, "other")]);
    opened.sendRegistry();
    const frame = await peer.next("registry");
    expect(frame.servers).toEqual([{ id: "other", state: "stopped" }]);
    expect(JSON.stringify(frame)).not.toContain(misbehaving("chatters").mcp.command);
  });

  test("answers a request while another one is in flight", async () => {
    open("hangs");
    const peer = await nextPeer();
    peer.send(callTool("1", "hang"));
    expect(await peer.next("progress")).toEqual({ type: "progress", id: "1", progress: 1, total: 2, message: "half way" });
    peer.send(callTool("2", "cancellations"));
    expect(await peer.next("result")).toMatchObject({ id: "2" });
  });

  test("cancels a call on request, and reports that once", async () => {
    open("hangs");
    const peer = await nextPeer();
    peer.send(callTool("1", "hang"));
    await peer.next("progress");
    peer.send({ type: "cancel", id: "1" });
    peer.send({ type: "cancel", id: "1" });
    peer.send({ type: "cancel", id: "never asked for" });
    expect(await peer.next("failure")).toMatchObject({
      id: "1",
      delivery: "sent",
      error: { code: "cancelled", phase: "cancel" },
    });
    peer.send(callTool("2", "cancellations"));
    expect(await peer.frame()).toMatchObject({ type: "result", id: "2" });
  });

  test("reports a failure with its code, delivery and server", async () => {
    open();
    const peer = await nextPeer();
    peer.send(callTool("1", "fail"));
    expect(await peer.next("failure")).toMatchObject({
      id: "1",
      delivery: "answered",
      error: { code: "tool_error", server: "subject", tool: "fail", retryable: false },
    });
    expect(await logged("request_failed")).toEqual({
      event: "request_failed",
      server: "subject",
      tool: "fail",
      code: "tool_error",
    });
  });

  test("starts no process for an id that its registry does not declare", { tags: ["bridge.own-registry"] }, async () => {
    open();
    const peer = await nextPeer();
    peer.send(listTools("1", "rm"));
    expect(await peer.next("failure")).toMatchObject({ delivery: "not_sent", error: { code: "server_unavailable" } });
    expect(runningServers()).toEqual([]);
  });

  test("refuses a result that exceeds the size of a frame, and keeps its server running", async () => {
    open();
    const peer = await nextPeer();
    peer.send(callTool("1", "large", { chars: limits.frameBytesMax }));
    expect(await peer.next("failure")).toMatchObject({ id: "1", delivery: "answered", error: { code: "output_limit" } });
    peer.send(callTool("2", "echo"));
    expect(await peer.next("result")).toMatchObject({ id: "2" });
  });

  test("takes large arguments in parts, and sends a large result in parts", { tags: ["tunnel.large"] }, async () => {
    open();
    const peer = await nextPeer();
    const text = 'é"😀'.repeat(400_000);
    for (const message of messagesOf(JSON.stringify(callTool("1", "echo", { text })))) peer.socket.send(message);
    expect(await peer.next("result")).toMatchObject({ id: "1", value: { content: [{ text: JSON.stringify({ text }) }] } });
  });

  test("names the tool, the size and the limit of a result that it refuses", async () => {
    open();
    const peer = await nextPeer();
    peer.send(callTool("1", "large", { chars: 20_000_000 }));
    const { error } = await peer.next("failure");
    expect(error.message).toMatch(
      /^subject\.large answered 200000\d\d characters; at most 16777216 bytes come through the bridge/,
    );
  });

  test("ignores malformed frames, and a request whose id is in use", async () => {
    open("hangs");
    const peer = await nextPeer();
    peer.socket.send("{not json");
    expect((await logged("frame_ignored")).reason).toContain("not a frame");
    peer.socket.send(JSON.stringify({ type: "spawn", id: "1", command: "rm" }));
    expect((await logged("frame_ignored")).reason).toContain("not a frame");
    peer.send(callTool("1", "hang"));
    await peer.next("progress");
    peer.send(callTool("1", "cancellations"));
    expect((await logged("frame_ignored")).reason).toContain("in use");
  });
});

describe("a bridge that loses its Worker", () => {
  test("connects again, and aborts the requests in flight", async () => {
    open("hangs");
    const first = await nextPeer();
    first.send(callTool("1", "hang"));
    await first.next("progress");
    first.socket.terminate();
    const { retryMs } = await logged("tunnel_lost");
    expect(await logged("request_failed")).toMatchObject({ code: "cancelled" });

    clock.fire(retryMs);
    const second = await nextPeer();
    expect(await second.frame()).toMatchObject({ type: "hello", servers: [{ id: "subject", state: "running" }] });
    second.send(callTool("2", "cancellations"));
    expect(await second.next("result")).toMatchObject({ id: "2", value: { content: [{ text: "1" }] } });
  });

  test("waits longer after each failure, up to a maximum, and resets the wait after a successful connection", async () => {
    open();
    const waited: number[] = [];
    (await nextPeer()).socket.terminate();
    for (let round = 0; round < 8; round++) {
      const { retryMs } = await logged("tunnel_lost");
      waited.push(retryMs);
      clock.fire(retryMs);
      (await nextPeer()).socket.terminate();
    }
    // With a random value of 0.5 each wait is three quarters of its maximum.
    expect(waited).toEqual([188, 375, 750, 1_500, 3_000, 6_000, 7_500, 7_500]);

    clock.fire((await logged("tunnel_lost")).retryMs);
    const peer = await nextPeer();
    peer.send(listTools("1"));
    await peer.next("result");
    peer.socket.terminate();
    expect((await logged("tunnel_lost")).retryMs).toBe(188);
  });

  test("pings the Worker, and closes the socket when a ping is not answered", async () => {
    open();
    const peer = await nextPeer();
    await peer.next("hello");
    await logged("tunnel_connected");
    clock.fire(limits.heartbeatMs);
    expect(await peer.text()).toBe("ping");
    peer.socket.send("pong");
    peer.socket.send("{}");
    await logged("frame_ignored");
    clock.fire(limits.heartbeatMs);
    expect(await peer.text()).toBe("ping");
    clock.fire(limits.heartbeatMs);
    expect((await logged("tunnel_lost")).reason).toBe("the Worker stopped answering");
  });

  test("tries again when nothing listens at the address", async () => {
    http.close();
    await once(http, "close");
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const free = port();
    http.close();
    await once(http, "close");
    servers = createStdioServers({
      servers: [],
      registryPath: "",
      environment: () => undefined,
      projectRoot,
      clock: systemClock,
      onStatus: () => {},
    });
    tunnel = openTunnel({
      address: new URL(`ws://127.0.0.1:${free}/bridge`),
      token: undefined,
      identity,
      servers,
      registry: () => advertised,
      clock,
      random: () => 0.5,
      log: (event) => {
        events.push(event);
        onEvent();
      },
    });
    expect((await logged("tunnel_lost")).reason).toContain("ECONNREFUSED");
  });
});

describe("a bridge that is refused", () => {
  test.each([
    [closeCodes.replaced, "another bridge serves this one's servers"],
    [closeCodes.versionMismatch, "another version"],
    [closeCodes.badFrame, "could not read"],
    [closeCodes.full, "too many bridges"],
  ])("stops after close code %i and gives the reason", async (code, words) => {
    const { ended } = open();
    (await nextPeer()).socket.close(code, "because");
    const end = await ended;
    expect(end).toMatchObject({ kind: "refused", message: expect.stringContaining(words) });
    expect(clock.waits).toEqual([]);
  });

  test.each([
    [401, "BRIDGE_TOKEN is missing or wrong"],
    [403, "BRIDGE_TOKEN is missing or wrong"],
    [404, "Check --url"],
  ])("stops after HTTP status %i and names the next step", async (status, words) => {
    http.removeAllListeners("upgrade");
    http.on("upgrade", (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`));
    const { ended } = open();
    expect(await ended).toMatchObject({ kind: "refused", message: expect.stringContaining(words) });
  });

  test("tries again after any other HTTP status", async () => {
    http.removeAllListeners("upgrade");
    http.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n"));
    open();
    expect((await logged("tunnel_lost")).reason).toContain("503");
  });
});

describe("a bridge that is closed", () => {
  test("closes its socket and does not connect again", async () => {
    const opened = open();
    const peer = await nextPeer();
    await logged("tunnel_connected");
    opened.close();
    opened.close();
    const [code] = await once(peer.socket, "close");
    expect(code).toBe(1000);
    expect(await opened.ended).toEqual({ kind: "closed" });
  });

  test("does not connect again if it was waiting to", async () => {
    const opened = open();
    (await nextPeer()).socket.terminate();
    await logged("tunnel_lost");
    opened.close();
    expect(await opened.ended).toEqual({ kind: "closed" });
    expect(clock.waits).toEqual([]);
  });
});
