import { WebSocket } from "ws";
import type { Clock } from "../../core/clock.ts";
import { limits } from "../../core/limits.ts";
import { FrameReader } from "../../core/tunnel/encoding.ts";
import { closeCodes, heartbeat, type SentFrame, WorkerFrame } from "../../core/tunnel/frames.ts";
import type { Log } from "../log.ts";
import type { StdioServers } from "../stdio/servers.ts";
import { TunnelOutbox } from "./outbox.ts";
import { type ReceivedFrame, TunnelRequests } from "./requests.ts";

export interface TunnelSocketOptions {
  address: URL;
  token: string | undefined;
  servers: StdioServers;
  log: Log;
  clock: Clock;
  /** The socket is open and nothing has been sent yet. */
  onOpen: () => void;
  /** The Worker sent something: it is there and has accepted the bridge. */
  onMessage: () => void;
  /** Called once, last, however the socket ended. */
  onLost: (loss: Loss) => void;
}

/** Why a socket is gone. `isFinal`: connecting again would not help. */
export interface Loss {
  isFinal: boolean;
  reason: string;
}

/** One WebSocket to the Worker, from connecting to its end: serves requests, and sends a heartbeat. */
export class TunnelSocket {
  readonly #options: TunnelSocketOptions;
  readonly #socket: WebSocket;
  readonly #outbox: TunnelOutbox;
  readonly #requests: TunnelRequests;
  readonly #reader = new FrameReader<ReceivedFrame>(WorkerFrame);
  #isLost = false;
  /** Whether the Worker has sent anything since the last ping. */
  #isAlive = true;
  #stopTimer: () => void = () => {};

  constructor(options: TunnelSocketOptions) {
    const { address, token, servers, log, clock } = options;
    this.#options = options;
    this.#outbox = new TunnelOutbox({
      send: (text, onTaken) => this.#sendText(text, onTaken),
      bufferedBytes: () => this.#socket.bufferedAmount,
      soon: (task) => setImmediate(task),
    });
    this.#requests = new TunnelRequests({ servers, log, clock, outbox: this.#outbox });
    this.#socket = new WebSocket(address, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      handshakeTimeout: limits.handshakeMs,
      maxPayload: limits.messageBytesMax,
      perMessageDeflate: false,
    });
    this.#socket.on("open", () => this.#open());
    this.#socket.on("message", (data, isBinary) => this.#receive(isBinary ? undefined : String(data)));
    this.#socket.on("unexpected-response", (_request, response) => this.#lose(lossFromStatus(response.statusCode ?? 0, address)));
    this.#socket.on("error", (error) =>
      this.#lose({ isFinal: false, reason: `cannot reach ${address.host} (${codeOf(error)})` }),
    );
    this.#socket.on("close", (code, reason) => this.#lose(lossFromClose(code, reason.toString())));
  }

  /** Does nothing when the socket is not open: the next hello has the current state of everything. */
  send(frame: SentFrame): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const posted = this.#outbox.post(frame);
    if (posted.kind !== "posted") this.#options.log({ event: "bug", message: `a frame "${frame.type}" cannot be sent` });
  }

  /** Closes the socket with a close frame. Requests that are being served are aborted at once. */
  close(): void {
    const loss: Loss = { isFinal: true, reason: "the bridge stopped" };
    if (this.#socket.readyState !== WebSocket.OPEN) {
      this.#lose(loss);
      return;
    }
    this.#requests.abortAll();
    this.#outbox.flush();
    this.#stopTimer();
    // A Worker that does not answer the close frame must not keep this process from ending.
    this.#stopTimer = this.#options.clock.after(limits.stopMs, () => this.#lose(loss));
    this.#socket.close(1000, loss.reason);
  }

  #open(): void {
    this.#options.onOpen();
    this.#scheduleHeartbeat();
  }

  /** Sends a ping at each heartbeat, and gives the socket up when nothing has come since the last one. */
  #scheduleHeartbeat(): void {
    this.#stopTimer = this.#options.clock.after(limits.heartbeatMs, () => {
      if (!this.#isAlive) return this.#lose({ isFinal: false, reason: "the Worker stopped answering" });
      this.#isAlive = false;
      this.#sendText(heartbeat.ping);
      this.#scheduleHeartbeat();
    });
  }

  #receive(text: string | undefined): void {
    this.#isAlive = true;
    this.#options.onMessage();
    if (text === heartbeat.pong) return;
    const reading = text === undefined ? undefined : this.#reader.read(text);
    switch (reading?.kind) {
      case "frames":
        for (const frame of reading.frames) this.#requests.receive(frame);
        break;
      case "part":
        break;
      case "interrupted":
      case "broken":
      case undefined:
        this.#options.log({
          event: "frame_ignored",
          reason: reading?.kind === "broken" ? reading.reason : "its beginning is missing",
        });
        break;
    }
  }

  #sendText(text: string, onTaken?: () => void): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text, onTaken);
  }

  /** One failure may be reported more than once, such as an error and then a close: the first report counts. */
  #lose(loss: Loss): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#stopTimer();
    this.#requests.abortAll();
    this.#socket.terminate();
    this.#options.onLost(loss);
  }
}

function lossFromStatus(status: number, address: URL): Loss {
  switch (status) {
    case 401:
    case 403:
      return final(
        `${address.host} refused the bridge (${status}): BRIDGE_TOKEN is missing or wrong. Set it to the Worker's secret of that name.`,
      );
    case 404:
      return final(
        `${address.href} does not exist (404). Check --url: it is the Worker's address, such as http://127.0.0.1:8787.`,
      );
    default:
      return { isFinal: false, reason: `${address.host} answered with status ${status}` };
  }
}

function lossFromClose(code: number, reason: string): Loss {
  const words = reason === "" ? "" : ` (${reason})`;
  switch (code) {
    case closeCodes.replaced:
      return final(
        "another bridge serves this one's servers now. Run one bridge for each server of a session; --session <name> gives this one its own.",
      );
    case closeCodes.versionMismatch:
      return final("the Worker speaks another version of the tunnel. Update bridge and Worker to the same release.");
    case closeCodes.full:
      return final("too many bridges serve this session. Stop one; --session <name> gives this one its own.");
    case closeCodes.badFrame:
      return final(`the Worker could not read what this bridge sent${words}. Update bridge and Worker to the same release.`);
    default:
      return { isFinal: false, reason: `the connection closed with code ${code}${words}` };
  }
}

function final(reason: string): Loss {
  return { isFinal: true, reason };
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
