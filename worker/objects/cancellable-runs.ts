import { limits } from "../../core/limits.ts";
import type { McpRequest } from "../mcp/mcp-session.ts";

interface Cancellable {
  cancel(): void;
}

/** In the storage of the session: the MCP sessions that their clients have ended, oldest first. */
const endedKey = "mcp/ended-sessions";

/** The runs that clients of MCP 2025-11-25 have under way, each under the request that started it. */
export class CancellableRuns {
  readonly #runs = new Map<string, { mcpSession: string; run: Cancellable }>();
  /** Cancellations that have overtaken their requests, which are HTTP requests of their own. Oldest first. */
  readonly #early = new Set<string>();

  readonly #storage: DurableObjectStorage;
  readonly #onEnded: (mcpSessions: readonly string[]) => void;

  /** @param onEnded gets all MCP sessions that have ended, whenever they are read or one more ends */
  constructor(storage: DurableObjectStorage, onEnded: (mcpSessions: readonly string[]) => void) {
    this.#storage = storage;
    this.#onEnded = onEnded;
  }

  /** Keeps a run that can be cancelled until it has ended. */
  add(request: McpRequest, run: Cancellable & { outcome: Promise<unknown> }): void {
    const key = keyOf(request);
    // It was on its way when it, or its MCP session, was ended.
    if (this.#early.delete(key) || this.hasEnded(request.mcpSession)) {
      run.cancel();
      return;
    }
    this.#runs.set(key, { mcpSession: request.mcpSession, run });
    void run.outcome.finally(() => {
      if (this.#runs.get(key)?.run === run) this.#runs.delete(key);
    });
  }

  cancel(request: McpRequest): void {
    const key = keyOf(request);
    const found = this.#runs.get(key);
    if (found !== undefined) {
      found.run.cancel();
      return;
    }
    this.#early.add(key);
    const [oldest] = this.#early;
    if (this.#early.size > limits.earlyCancellationsMax && oldest !== undefined) this.#early.delete(oldest);
  }

  /** Cancels all runs of an MCP session, and those that come later. */
  endMcpSession(ended: string): void {
    const others = this.#ended().filter((other) => other !== ended);
    this.#storage.kv.put(endedKey, [...others, ended].slice(-limits.endedMcpSessionsMax));
    this.#ended();
    for (const { mcpSession, run } of this.#runs.values()) {
      if (mcpSession === ended) run.cancel();
    }
  }

  hasEnded(mcpSession: string): boolean {
    return this.#ended().includes(mcpSession);
  }

  #ended(): string[] {
    const ended = this.#storage.kv.get<string[]>(endedKey) ?? [];
    this.#onEnded(ended);
    return ended;
  }
}

function keyOf({ mcpSession, request }: McpRequest): string {
  return JSON.stringify([mcpSession, request]);
}
