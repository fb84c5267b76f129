import { limits } from "../../core/limits.ts";
import type { ServerLog, UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import { type Bucket, takeToken } from "../../core/token-bucket.ts";
import type { BridgeFrame } from "../../core/tunnel/frames.ts";

type NotificationFrame = Extract<BridgeFrame, { type: "progress" | "log" }>;

interface TunnelNotificationsOptions {
  post: (frame: NotificationFrame) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Passes on progress and log notifications of servers, for the requests of one socket. Limits their rate here, before they are sent. */
export class TunnelNotifications {
  readonly #options: TunnelNotificationsOptions;
  readonly #listeners = new Map<string, (line: ServerLog) => void>();

  constructor(options: TunnelNotificationsOptions) {
    this.#options = options;
  }

  /** The listeners for one request. `onLog` is the same for all requests to a server, so that each message is passed on once. */
  listen({ id, server }: { id: string; server: string }): Required<Pick<UpstreamCallOptions, "onProgress" | "onLog">> {
    // Each request has a limit of its own, because its progress extends its timeout on the Worker.
    const isAllowed = this.#limitRate(limits.callProgressPerMinute);
    return {
      onProgress: (progress) => {
        if (isAllowed()) this.#options.post({ type: "progress", id, ...progress });
      },
      onLog: this.#listenerOf(server),
    };
  }

  #listenerOf(server: string): (line: ServerLog) => void {
    const existing = this.#listeners.get(server);
    if (existing) return existing;
    const isAllowed = this.#limitRate(limits.serverLogsPerMinute);
    const listener = (line: ServerLog) => {
      if (isAllowed()) this.#options.post({ type: "log", server, ...line });
    };
    this.#listeners.set(server, listener);
    return listener;
  }

  #limitRate(perMinute: number): () => boolean {
    let state: Bucket | undefined;
    return () => {
      const { bucket, waitMs } = takeToken(state, { perMinute, now: this.#options.now() });
      state = bucket;
      return waitMs === 0;
    };
  }
}
