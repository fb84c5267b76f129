import { z } from "zod";
import { OrchestratorError, toPublicError } from "./errors.ts";
import { limits } from "./limits.ts";
import { exposedTools } from "./policy/allow-list.ts";
import type { Clock, Store, Upstream } from "./ports.ts";
import type { ServerEntry } from "./registry.ts";
import { Tool } from "./tool.ts";
import { createTurnstile } from "./turnstile.ts";

const Catalogue = z.object({ tools: z.array(Tool), fetchedAt: z.number() });
/** A server's tools as last listed, less those its entry hides. */
export type Catalogue = z.infer<typeof Catalogue>;

export interface Catalog {
  /** What is cached, however old. Never connects. */
  cached(server: ServerEntry): Catalogue | undefined;
  /** Why the last listing failed; undefined once one succeeded. */
  failure(server: ServerEntry): string | undefined;
  /**
   * The tools, listed again when older than the TTL. An old list is better than none: it serves when listing fails.
   * @throws OrchestratorError when there is no list at all
   */
  load(server: ServerEntry): Promise<Catalogue>;
  /** Lists again whatever is cached or under way; the server said that its tools changed. */
  refresh(server: ServerEntry): Promise<Catalogue>;
  /**
   * Lists the tools of servers that have none cached or could not be listed last time, a few at a time. Never rejects:
   * failures show as status.
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
  let version = 0;

  function cached(server: ServerEntry): Catalogue | undefined {
    if (!cache.has(server.id)) {
      const stored = Catalogue.safeParse(store.read(keyOf(server)));
      cache.set(server.id, stored.success ? stored.data : undefined);
    }
    const found = cache.get(server.id);
    return found && { ...found, tools: exposedTools(server, found.tools) };
  }

  async function fetchTools(server: ServerEntry): Promise<Catalogue> {
    // Shared by every run that waits for it, so no single run's end may abort it: its own time limit does.
    const { signal } = new AbortController();
    try {
      const tools = await upstream.listTools(server, { signal, timeoutMs: limits.catalogueFetchMs });
      const catalogue: Catalogue = { tools, fetchedAt: clock.now() };
      cache.set(server.id, catalogue);
      failures.delete(server.id);
      store.write(keyOf(server), catalogue);
      version += 1;
      return { ...catalogue, tools: exposedTools(server, tools) };
    } catch (error) {
      failures.set(server.id, { reason: toPublicError(error).message, at: clock.now() });
      throw error;
    }
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
    await inFlight.get(server.id)?.catch(() => undefined);
    return fetchOnce(server);
  }

  async function load(server: ServerEntry): Promise<Catalogue> {
    const found = cached(server);
    const isFresh = found !== undefined && clock.now() - found.fetchedAt < limits.catalogueTtlMs;
    if (isFresh) return found;
    const failedAt = failures.get(server.id)?.at;
    if (found && failedAt !== undefined && clock.now() - failedAt < limits.catalogueRetryMs) return found;
    try {
      return await fetchOnce(server);
    } catch (error) {
      if (found) return found;
      throw error instanceof OrchestratorError
        ? error
        : new OrchestratorError("internal", "Listing the tools failed.", { cause: error });
    }
  }

  return {
    cached,
    failure: (server) => failures.get(server.id)?.reason,
    load,
    refresh,
    async discover(servers) {
      const turnstile = createTurnstile(limits.discoveryConcurrency);
      const never = new AbortController().signal;
      await Promise.allSettled(
        servers.map(async (server) => {
          if (cached(server) !== undefined && !failures.has(server.id)) return;
          using _turn = await turnstile.enter(never);
          await fetchOnce(server);
        }),
      );
    },
    version: () => version,
  };
}

/** The entry's transport is part of the key: a server that moved is another server. */
function keyOf(server: ServerEntry): string {
  return `catalogue/${server.id}/${JSON.stringify(server.mcp)}`;
}
