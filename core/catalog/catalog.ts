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

const Catalogue = z.object({
  tools: z.array(Tool.extend({ identifier: z.string().optional() })),
  fetchedAt: z.number(),
});
/** A server's tools as last listed, less those its entry hides. */
export type Catalogue = z.infer<typeof Catalogue>;

export interface Catalog {
  /** What is cached, however old. Never connects. */
  cached(server: ServerEntry): Catalogue | undefined;
  /** Why the last listing failed; undefined once one succeeded. */
  failure(server: ServerEntry): string | undefined;
  /**
   * The tools, listed again when older than the TTL or when the server said that they changed. An old list is better than
   * none: it serves when listing fails, and when it takes long, while the listing goes on.
   * @throws OrchestratorError when there is no list at all
   */
  load(server: ServerEntry): Promise<Catalogue>;
  /** Lists again whatever is cached or under way; the server said that its tools changed. */
  refresh(server: ServerEntry): Promise<Catalogue>;
  /** What is cached may be old: its next use lists again. */
  outdate(server: ServerEntry): void;
  /** Whether a tool, as once loaded, is another by now: in its arguments, or in what it does to the world. */
  hasChanged(server: ServerEntry, tool: Tool): boolean;
  /**
   * Lists the tools of servers that have none cached or could not be listed last time, a few at a time; one that takes long
   * does not hold up the others. Never rejects: failures show as status.
   */
  discover(servers: readonly ServerEntry[]): Promise<void>;
  /** Grows whenever anything cached changes. */
  version(): number;
}

/** Tool metadata of one session: cached in its store, fetched once at a time per server. */
export function createCatalog({ upstream, store, clock }: { upstream: Upstream; store: Store; clock: Clock }): Catalog {
  const cache = new Map<string, Catalogue | undefined>();
  const failures = new Map<string, { reason: string; at: number }>();
  const inFlight = new Map<string, Promise<Catalogue>>();
  /** Servers whose tools have changed, or may have, and were not listed since. */
  const outdated = new Set<string>();
  let version = 0;

  /** As listed, what the entry hides included. */
  function stored(server: ServerEntry): Catalogue | undefined {
    if (!cache.has(server.id)) {
      const read = Catalogue.safeParse(store.read(serverKey("catalogue", server)));
      cache.set(server.id, read.success ? read.data : undefined);
    }
    return cache.get(server.id);
  }

  function cached(server: ServerEntry): Catalogue | undefined {
    const found = stored(server);
    return found && { ...found, tools: exposedTools(server, found.tools) };
  }

  async function fetchTools(server: ServerEntry): Promise<Catalogue> {
    // Shared by every run that waits for it, so no single run's end may abort it: its own time limit does.
    const { signal } = new AbortController();
    try {
      outdated.delete(server.id);
      const tools = await upstream.listTools(server, { signal, timeoutMs: limits.catalogFetchMs });
      const catalogue = keep(server, tools);
      failures.delete(server.id);
      return { ...catalogue, tools: exposedTools(server, catalogue.tools) };
    } catch (error) {
      failures.set(server.id, { reason: toPublicError(error).message, at: clock.now() });
      throw error;
    }
  }

  function keep(server: ServerEntry, tools: readonly Tool[]): Catalogue {
    const before = stored(server)?.tools;
    const catalogue: Catalogue = { tools: withNames(tools, before), fetchedAt: clock.now() };
    cache.set(server.id, catalogue);
    store.write(serverKey("catalogue", server), catalogue);
    if (before === undefined || !isSameList(before, catalogue.tools)) version += 1;
    return catalogue;
  }

  /** One listing at a time per server, shared by all who want it. */
  function fetchOnce(server: ServerEntry): Promise<Catalogue> {
    const running = inFlight.get(server.id);
    if (running) return running;
    const fetching = fetchTools(server).finally(() => inFlight.delete(server.id));
    inFlight.set(server.id, fetching);
    return fetching;
  }

  /** A listing under way may have been answered before the change: it is waited for, and then there is another. */
  async function refresh(server: ServerEntry): Promise<Catalogue> {
    outdated.add(server.id);
    await inFlight.get(server.id)?.catch(() => undefined);
    return fetchOnce(server);
  }

  async function load(server: ServerEntry): Promise<Catalogue> {
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

/** What is fetched, if it comes in time; a failure, like a delay, leaves what there is. */
async function firstOf(fetching: Promise<Catalogue>, { orElse, clock }: { orElse: Catalogue; clock: Clock }): Promise<Catalogue> {
  const { promise: waited, resolve } = Promise.withResolvers<Catalogue>();
  const stop = clock.after(limits.catalogWaitMs, () => resolve(orElse));
  return Promise.race([fetching.catch(() => orElse), waited]).finally(stop);
}

function rethrow(error: unknown): never {
  throw error instanceof OrchestratorError
    ? error
    : new OrchestratorError("internal", "Listing the tools failed.", { cause: error });
}

/** Whether two listings read and call the same, so that nothing built from the one is old. */
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
 * The tools with the names in code that they have had so far. Those that the entry hides are named too, so that what an entry
 * shows or hides changes the name of none.
 */
function withNames(tools: readonly Tool[], before: readonly Tool[] | undefined): Tool[] {
  const kept = new Map(before?.map(({ name, identifier }) => [name, identifier]));
  const names = nameTools(tools.map(({ name }) => ({ name, identifier: kept.get(name) })));
  return tools.map((tool) => {
    const identifier = names.get(tool.name);
    return identifier === tool.name ? tool : { ...tool, identifier };
  });
}
