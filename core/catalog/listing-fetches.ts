import type { Clock } from "../clock.ts";
import { toPublicError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Progress, Upstream } from "../mcp/upstream.ts";
import { listingTotalMs } from "../registry/call-limits.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { serverKey } from "../registry/server-key.ts";
import type { KeptListings } from "./kept-listings.ts";
import type { ToolListing } from "./tool-listing.ts";

interface ListingFetchesParts {
  upstream: Upstream;
  kept: KeptListings;
  clock: Clock;
  failures: ListingFailures;
}

/**
 * Why and when the last listing of a server failed, by server. Belongs to the session: a changed entry must not make the session
 * forget, and try again, what failed for the others.
 */
export type ListingFailures = Map<string, { reason: string; at: number }>;

/** Fetches each server's listing at most once at a time, keeps what it fetched, and remembers why the last fetch failed. */
export class ListingFetches {
  readonly #upstream: Upstream;
  readonly #kept: KeptListings;
  readonly #clock: Clock;
  readonly #failures: ListingFailures;
  readonly #inFlight = new Map<string, Promise<ToolListing>>();
  readonly #listeners = new Map<string, Set<(progress: Progress) => void>>();
  /** Servers whose tools have changed, or may have, since they were listed. */
  readonly #outdated = new Set<string>();

  constructor({ upstream, kept, clock, failures }: ListingFetchesParts) {
    this.#upstream = upstream;
    this.#kept = kept;
    this.#clock = clock;
    this.#failures = failures;
  }

  /** Why and when the last fetch failed; undefined after one that succeeded. */
  failure(server: ServerEntry): { reason: string; at: number } | undefined {
    return this.#failures.get(failureKey(server));
  }

  /** Whether the kept listing may be old: it was marked so, or is being fetched again. */
  isOutdated(server: ServerEntry): boolean {
    return this.#outdated.has(server.id) || this.#inFlight.has(server.id);
  }

  /** Marks the kept listing as possibly old, until the next fetch begins. */
  outdate(server: ServerEntry): void {
    this.#outdated.add(server.id);
  }

  /** Shares the fetch that is under way, or starts one. */
  once(server: ServerEntry): Promise<ToolListing> {
    const running = this.#inFlight.get(server.id);
    if (running) return running;
    const fetching = this.#fetch(server).finally(() => this.#inFlight.delete(server.id));
    this.#inFlight.set(server.id, fetching);
    return fetching;
  }

  /** Calls the listener with the progress of the fetches of a server, until disposed. */
  listen(server: ServerEntry, listener: (progress: Progress) => void): Disposable {
    const listeners = this.#listeners.get(server.id) ?? new Set();
    // A wrapper, because one listener may wait twice.
    const own = (progress: Progress) => listener(progress);
    this.#listeners.set(server.id, listeners.add(own));
    return { [Symbol.dispose]: () => void listeners.delete(own) };
  }

  #onProgress(id: string, progress: Progress): void {
    for (const listener of this.#listeners.get(id) ?? []) listener(progress);
  }

  /** A fetch under way may have its answer from before a change, so another one follows it. */
  async again(server: ServerEntry): Promise<ToolListing> {
    this.outdate(server);
    await this.#inFlight.get(server.id)?.catch(() => undefined);
    return this.once(server);
  }

  async #fetch(server: ServerEntry): Promise<ToolListing> {
    // Every run that needs this listing shares it, so the end of one run must not abort it. The timeout does.
    const { signal } = new AbortController();
    try {
      this.#outdated.delete(server.id);
      // Progress restarts the timeout: a server reports it while it is being installed.
      const totalMs = listingTotalMs(server);
      const onProgress = (progress: Progress) => this.#onProgress(server.id, progress);
      const tools = await this.#upstream.listTools(server, { signal, timeoutMs: limits.catalogFetchMs, totalMs, onProgress });
      const listing = await this.#kept.keep(server, { tools, fetchedAt: this.#clock.now() });
      this.#failures.delete(failureKey(server));
      return listing;
    } catch (error) {
      this.#failures.set(failureKey(server), { reason: toPublicError(error).message, at: this.#clock.now() });
      throw error;
    }
  }
}

/** Another one when the entry reaches the server in another way. */
function failureKey(server: ServerEntry): string {
  return serverKey("catalogue", server);
}

/** Forgets the failures of all other servers. */
export function keepFailuresOf(servers: readonly ServerEntry[], failures: ListingFailures): void {
  const known = new Set(servers.map(failureKey));
  for (const key of failures.keys()) {
    if (!known.has(key)) failures.delete(key);
  }
}
