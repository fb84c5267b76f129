import { z } from "zod";
import type { Clock } from "../clock.ts";
import { OrchestratorError, toPublicError } from "../errors.ts";
import { limits } from "../limits.ts";
import { Tool } from "../mcp/tool.ts";
import type { Upstream } from "../mcp/upstream.ts";
import { exposedTools } from "../registry/allow-list.ts";
import { nameTools } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { serverKey } from "../registry/server-key.ts";
import { createSemaphore } from "../semaphore.ts";
import type { Store } from "../store.ts";
import { fingerprintOf } from "./fingerprint.ts";

const ToolListing = z.object({
  tools: z.array(Tool.extend({ identifier: z.string().optional() })),
  fetchedAt: z.number(),
});
/** The tools of one server when they were last listed. `identifier` is a tool's name in code where that is not its own name. */
export type ToolListing = z.infer<typeof ToolListing>;

/** The tool listings of a session's servers. What it gives out never has the tools that the server's registry entry hides. */
export interface Catalog {
  /** The cached listing, however old. Never connects. */
  cached(server: ServerEntry): ToolListing | undefined;
  /** Why the last listing failed; undefined after one that succeeded. */
  failure(server: ServerEntry): string | undefined;
  /**
   * A fresh listing: the cached one, unless it is older than the TTL or the server sent `tools/list_changed`. When fetching fails or
   * takes long, the cached one is used all the same, and the fetch goes on in the background.
   * @throws OrchestratorError when there is no listing at all
   */
  load(server: ServerEntry): Promise<ToolListing>;
  /** Fetches again, whatever is cached or under way: the server sent `tools/list_changed`. */
  refresh(server: ServerEntry): Promise<ToolListing>;
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

/** A catalog that is cached in the session's store and fetches each server's listing at most once at a time. */
export function createCatalog({ upstream, store, clock }: { upstream: Upstream; store: Store; clock: Clock }): Catalog {
  const cache = new Map<string, ToolListing | undefined>();
  const failures = new Map<string, { reason: string; at: number }>();
  const inFlight = new Map<string, Promise<ToolListing>>();
  /** Servers whose tools have changed, or may have, since they were listed. */
  const outdated = new Set<string>();
  let version = 0;

  /** The whole listing, with the tools that the entry hides. */
  function stored(server: ServerEntry): ToolListing | undefined {
    if (!cache.has(server.id)) {
      const read = ToolListing.safeParse(store.read(serverKey("catalogue", server)));
      cache.set(server.id, read.success ? read.data : undefined);
    }
    return cache.get(server.id);
  }

  function cached(server: ServerEntry): ToolListing | undefined {
    const found = stored(server);
    return found && { ...found, tools: exposedTools(server, found.tools) };
  }

  async function fetchTools(server: ServerEntry): Promise<ToolListing> {
    // Every run that needs this listing shares it, so the end of one run must not abort it. The timeout does.
    const { signal } = new AbortController();
    try {
      outdated.delete(server.id);
      const tools = await upstream.listTools(server, { signal, timeoutMs: limits.catalogFetchMs });
      const listing = keep(server, tools);
      failures.delete(server.id);
      return { ...listing, tools: exposedTools(server, listing.tools) };
    } catch (error) {
      failures.set(server.id, { reason: toPublicError(error).message, at: clock.now() });
      throw error;
    }
  }

  function keep(server: ServerEntry, tools: readonly Tool[]): ToolListing {
    const before = stored(server)?.tools;
    const listing: ToolListing = { tools: withNames(tools, before), fetchedAt: clock.now() };
    cache.set(server.id, listing);
    store.write(serverKey("catalogue", server), listing);
    if (before === undefined || !isSameList(before, listing.tools)) version += 1;
    return listing;
  }

  /** One fetch at a time for each server, shared by all callers. */
  function fetchOnce(server: ServerEntry): Promise<ToolListing> {
    const running = inFlight.get(server.id);
    if (running) return running;
    const fetching = fetchTools(server).finally(() => inFlight.delete(server.id));
    inFlight.set(server.id, fetching);
    return fetching;
  }

  /** A fetch under way may have its answer from before the change, so another one follows it. */
  async function refresh(server: ServerEntry): Promise<ToolListing> {
    outdated.add(server.id);
    await inFlight.get(server.id)?.catch(() => undefined);
    return fetchOnce(server);
  }

  async function load(server: ServerEntry): Promise<ToolListing> {
    const found = cached(server);
    if (found === undefined) return fetchOnce(server).catch(rethrow);
    const isFresh = clock.now() - found.fetchedAt < limits.catalogTtlMs && !outdated.has(server.id) && !inFlight.has(server.id);
    if (isFresh || hasJustFailed(server)) return found;
    return firstOf(fetchOnce(server), { orElse: found, clock });
  }

  function hasJustFailed(server: ServerEntry): boolean {
    const failedAt = failures.get(server.id)?.at;
    return failedAt !== undefined && clock.now() - failedAt < limits.catalogRetryMs;
  }

  return {
    cached,
    failure: (server) => failures.get(server.id)?.reason,
    load,
    refresh,
    outdate: (server) => void outdated.add(server.id),
    hasChanged(server, tool) {
      const now = stored(server)?.tools.find(({ name }) => name === tool.name);
      return now !== undefined && now !== tool && fingerprintOf(now) !== fingerprintOf(tool);
    },
    async discover(servers) {
      const semaphore = createSemaphore(limits.discoveryConcurrency);
      const never = new AbortController().signal;
      await Promise.allSettled(
        servers.map(async (server) => {
          if (cached(server) !== undefined && !failures.has(server.id)) return;
          using turn = await semaphore.acquire(never);
          const stop = clock.after(limits.discoveryTurnMs, () => turn[Symbol.dispose]());
          await fetchOnce(server).finally(stop);
        }),
      );
    },
    version: () => version,
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

/** Whether two listings look the same to whoever reads or calls them, so that what was built from one serves for the other. */
function isSameList(before: readonly Tool[], after: readonly Tool[]): boolean {
  return (
    before.length === after.length &&
    before.every((tool, index) => {
      const other = after[index];
      return (
        other?.name === tool.name &&
        other.title === tool.title &&
        other.description === tool.description &&
        JSON.stringify(other.outputSchema) === JSON.stringify(tool.outputSchema) &&
        fingerprintOf(other) === fingerprintOf(tool)
      );
    })
  );
}

/**
 * Names the tools in code; a tool that had a name before keeps it. Hidden tools are named too, so that hiding or showing one never
 * renames another.
 */
function withNames(tools: readonly Tool[], before: readonly Tool[] | undefined): Tool[] {
  const kept = new Map(before?.map(({ name, identifier }) => [name, identifier]));
  const names = nameTools(tools.map(({ name }) => ({ name, identifier: kept.get(name) })));
  return tools.map((tool) => {
    const identifier = names.get(tool.name);
    return identifier === tool.name ? tool : { ...tool, identifier };
  });
}
