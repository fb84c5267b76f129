import type { Clock } from "../clock.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Progress, Upstream } from "../mcp/upstream.ts";
import { isBuiltIn, type ServerEntry } from "../registry/registry.ts";
import { createSemaphore, type Semaphore } from "../semaphore.ts";
import type { Store } from "../store.ts";
import { type Bucket, takeToken } from "../token-bucket.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { KeptListings } from "./kept-listings.ts";
import { keepFailuresOf, type ListingFailures, ListingFetches } from "./listing-fetches.ts";
import type { ToolListing } from "./tool-listing.ts";

export { keepFailuresOf, type ListingFailures };

/** The tool listings of a session's servers. What it gives out never has the tools that the server's registry entry hides. */
export interface Catalog {
  /** Reads what is stored of these servers, unless it was read before. */
  readAll(servers: readonly ServerEntry[]): Promise<void>;
  /** The cached listing, however old. Never connects. */
  cached(server: ServerEntry): ToolListing | undefined;
  /** The listing with which `load` would answer at once; undefined if it would fetch one. Never connects. */
  fresh(server: ServerEntry): ToolListing | undefined;
  /** Why the last listing failed; undefined after one that succeeded. */
  failure(server: ServerEntry): string | undefined;
  /**
   * A fresh listing: the cached one, unless it is older than the TTL or the server sent `tools/list_changed`. When fetching fails or
   * takes long, the cached one is used all the same, and the fetch goes on in the background. Its progress is that of a server that
   * is being started.
   * @throws OrchestratorError when there is no listing at all
   */
  load(server: ServerEntry, onProgress?: (progress: Progress) => void): Promise<ToolListing>;
  /** Fetches again, whatever is cached or under way. */
  refresh(server: ServerEntry): Promise<ToolListing>;
  /**
   * The server sent `tools/list_changed`: fetches again. A server may say so a thousand times a second; what it says too often only marks
   * the cached listing as old.
   */
  changed(server: ServerEntry): Promise<void>;
  /** The cached tools, with those that the registry entry hides. Never connects. */
  whole(server: ServerEntry): readonly Tool[];
  /** Marks the cached listing as possibly old, so that its next use fetches again. */
  outdate(server: ServerEntry): void;
  /** Whether the arguments or annotations of a tool have changed since it was loaded. */
  hasChanged(server: ServerEntry, tool: Tool): boolean;
  /**
   * Fetches the listings that are not cached or failed last time, a few at a time; a server that takes long does not hold up the
   * others. Never rejects: failures show as the server's status.
   */
  discover(servers: readonly ServerEntry[]): Promise<void>;
  /** Grows whenever anything cached changes. */
  version(): number;
}

interface CatalogParts {
  upstream: Upstream;
  store: Store;
  clock: Clock;
  failures: ListingFailures;
  /** Hears of each tool that is listed, and then of the listing, with the tools that the entry hides. */
  onTool?: (server: ServerEntry, tool: Tool) => void;
  onListed?: (server: ServerEntry, tools: readonly Tool[]) => void;
}

/** A catalog that is cached in the session's store and fetches each server's listing at most once at a time. */
export function createCatalog({ upstream, store, clock, failures, onTool, onListed }: CatalogParts): Catalog {
  const kept = new KeptListings({ store, clock, onTool, onListed });
  const fetches = new ListingFetches({ upstream, kept, clock, failures });
  const mayRelist = relistingsOf(clock);

  function isFresh(server: ServerEntry, { fetchedAt }: ToolListing): boolean {
    return clock.now() - fetchedAt < limits.catalogTtlMs && !fetches.isOutdated(server);
  }

  function hasJustFailed(server: ServerEntry): boolean {
    const failedAt = fetches.failure(server)?.at;
    return failedAt !== undefined && clock.now() - failedAt < limits.catalogRetryMs;
  }

  function fresh(server: ServerEntry): ToolListing | undefined {
    const found = kept.exposed(server);
    return found && (isFresh(server, found) || hasJustFailed(server)) ? found : undefined;
  }

  async function fetchMissing(server: ServerEntry, turns: Semaphore): Promise<void> {
    if (kept.exposed(server) !== undefined && fetches.failure(server) === undefined) return;
    using turn = await turns.acquire(new AbortController().signal);
    const stop = clock.after(limits.discoveryTurnMs, () => turn[Symbol.dispose]());
    await fetches.once(server).finally(stop);
  }

  return {
    readAll: (servers) => kept.readAll(servers),
    cached: (server) => kept.exposed(server),
    failure: (server) => fetches.failure(server)?.reason,
    fresh,
    async load(server, onProgress = () => {}) {
      const found = fresh(server);
      if (found !== undefined) return found;
      using _listening = fetches.listen(server, onProgress);
      const old = kept.exposed(server);
      if (old === undefined) return await fetches.once(server).catch(rethrow);
      return await firstOf(fetches.once(server), { orElse: old, clock });
    },
    refresh: (server) => fetches.again(server),
    async changed(server) {
      if (mayRelist(server)) await fetches.again(server);
      else fetches.outdate(server);
    },
    outdate: (server) => fetches.outdate(server),
    whole: (server) => kept.whole(server)?.tools ?? [],
    hasChanged(server, tool) {
      const now = kept.whole(server)?.tools.find(({ name }) => name === tool.name);
      return now !== undefined && now !== tool && fingerprintOf(now) !== fingerprintOf(tool);
    },
    async discover(servers) {
      const turns = createSemaphore(limits.discoveryConcurrency);
      await Promise.allSettled(servers.map((server) => fetchMissing(server, turns)));
    },
    version: () => kept.version,
  };
}

/** Whether a server may have its tools fetched again because it says that they have changed. */
function relistingsOf(clock: Clock): (server: ServerEntry) => boolean {
  const buckets = new Map<string, Bucket>();
  return (server) => {
    if (isBuiltIn(server)) return true;
    const { bucket, waitMs } = takeToken(buckets.get(server.id), { perMinute: limits.relistingsPerMinute, now: clock.now() });
    buckets.set(server.id, bucket);
    return waitMs === 0;
  };
}

/** The fetched listing, or `orElse` when fetching fails or takes longer than the wait. */
async function firstOf(
  fetching: Promise<ToolListing>,
  { orElse, clock }: { orElse: ToolListing; clock: Clock },
): Promise<ToolListing> {
  const { promise: waited, resolve } = Promise.withResolvers<ToolListing>();
  const stop = clock.after(limits.catalogWaitMs, () => resolve(orElse));
  return Promise.race([fetching.catch(() => orElse), waited]).finally(stop);
}

function rethrow(error: unknown): never {
  throw error instanceof OrchestratorError
    ? error
    : new OrchestratorError("internal", "Listing the tools failed.", { cause: error });
}
