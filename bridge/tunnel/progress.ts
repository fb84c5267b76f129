import { limits } from "../../core/limits.ts";
import type { ServerLog, UpstreamCallOptions } from "../../core/mcp/upstream.ts";
import { type Bucket, takeToken } from "../../core/token-bucket.ts";
import type { BridgeFrame } from "../../core/tunnel/frames.ts";

type News = Extract<BridgeFrame, { type: "progress" | "log" }>;

interface TunnelNewsOptions {
  post: (frame: News) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** What servers say of the requests of one socket before they answer. A chatty server is cut short here, not on the Worker. */
export class TunnelNews {
  readonly #options: TunnelNewsOptions;
  readonly #listeners = new Map<string, (line: ServerLog) => void>();

  constructor(options: TunnelNewsOptions) {
    this.#options = options;
  }

  /** For one request; `onLog` is the same for all of a server, whose lines are passed on once. */
  listen({ id, server }: { id: string; server: string }): Required<Pick<UpstreamCallOptions, "onProgress" | "onLog">> {
    // Each request its own: progress keeps its wait alive on the other side, whatever others have to tell.
    const hasRoom = this.#meter(limits.callProgressPerMinute);
    return {
      onProgress: (progress) => {
        if (hasRoom()) this.#options.post({ type: "progress", id, ...progress });
      },
      onLog: this.#listenerOf(server),
    };
  }

  #listenerOf(server: string): (line: ServerLog) => void {
    const existing = this.#listeners.get(server);
    if (existing) return existing;
    const hasRoom = this.#meter(limits.serverLogsPerMinute);
    const listener = (line: ServerLog) => {
      if (hasRoom()) this.#options.post({ type: "log", server, ...line });
    };
    this.#listeners.set(server, listener);
    return listener;
  }

  #meter(perMinute: number): () => boolean {
    let state: Bucket | undefined;
    return () => {
      const { bucket, waitMs } = takeToken(state, { perMinute, now: this.#options.now() });
      state = bucket;
      return waitMs === 0;
    };
  }
}
