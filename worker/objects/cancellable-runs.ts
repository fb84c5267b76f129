import { limits } from "../../core/limits.ts";
import type { McpRequest } from "../mcp/mcp-session.ts";

interface Cancellable {
  cancel(): void;
}

/** The runs that clients of MCP 2025-11-25 have under way, each under the request that started it. */
export class CancellableRuns {
  readonly #runs = new Map<string, { mcpSession: string; run: Cancellable }>();
  /** Cancellations that have overtaken their requests, which are HTTP requests of their own. Oldest first. */
  readonly #early = new Set<string>();

  /** Keeps a run that can be cancelled until it has ended. */
  add(request: McpRequest, run: Cancellable & { outcome: Promise<unknown> }): void {
    const key = keyOf(request);
    if (this.#early.delete(key)) {
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

  cancelAll(ended: string): void {
    for (const { mcpSession, run } of this.#runs.values()) {
      if (mcpSession === ended) run.cancel();
    }
  }
}

function keyOf({ mcpSession, request }: McpRequest): string {
  return JSON.stringify([mcpSession, request]);
}
