import type { SessionTraffic } from "./calls/quota.ts";
import { createCatalog, keepFailuresOf, type ListingFailures } from "./catalog/catalog.ts";
import { createObservations } from "./catalog/observations.ts";
import type { Clock } from "./clock.ts";
import { createDescribe } from "./discovery/describe.ts";
import { createHelp } from "./discovery/help.ts";
import { readExecuteInput, readInput } from "./discovery/input.ts";
import { instructionsFor } from "./discovery/instructions.ts";
import { createListing, type Listing, statusOf } from "./discovery/list.ts";
import { DescribeInput, type ExecuteInput, ListInput } from "./discovery/tool-definitions.ts";
import { type PublicError, toPublicError } from "./errors.ts";
import type { Upstream } from "./mcp/upstream.ts";
import { createKeptReadings } from "./program/kept-readings.ts";
import type { ProgramReader } from "./program/reader.ts";
import { isAllowedByDefault, type Registry, type ServerEntry } from "./registry/registry.ts";
import { keepOnly } from "./registry/server-key.ts";
import { execute } from "./run/execute.ts";
import type { Outcome } from "./run/outcome.ts";
import type { RunOptions } from "./run/run-options.ts";
import type { Sandbox } from "./run/sandbox.ts";
import { createCurrentSearch } from "./search/search.ts";
import type { Store } from "./store.ts";
import { wellFormed } from "./text.ts";

/** A failure as a value, which the model reads instead of an exception. */
export interface Refusal {
  ok: false;
  errors: PublicError[];
}

/** The product behind every interface: three operations that take untrusted input, never reject, and answer well-formed text. */
export interface Orchestrator {
  /** The instructions that a client shows its model, for the current registry. */
  instructions(): string;
  listCapabilities(input: unknown): Listing | Refusal;
  describe(input: unknown): Promise<object | Refusal>;
  execute(input: unknown, options: RunOptions): Promise<Outcome>;
  /** Fetches in the background the tools of default servers that are reachable and have none cached. Never rejects. */
  discover(canReach: (server: ServerEntry) => boolean): Promise<void>;
  /** The server has sent `tools/list_changed`: its tools are fetched again before their next use. */
  toolsChanged(id: string): Promise<void>;
  /** These servers run on another bridge than before: what was listed is used until their next use. */
  toolsOutdated(ids: readonly string[]): void;
}

export interface OrchestratorParts {
  registry: Registry;
  upstream: Upstream;
  sandbox: Sandbox;
  reader: ProgramReader;
  store: Store;
  /** Belongs to the session, not to this registry: a changed registry must not reset the quotas. */
  traffic: SessionTraffic;
  failures: ListingFailures;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  /** Returns a new unguessable name for a stored result. */
  newHandle: () => string;
}

export function createOrchestrator(parts: OrchestratorParts): Orchestrator {
  const { registry, upstream, store, clock, failures } = parts;
  const { servers } = registry;
  keepOnly(servers, store);
  keepFailuresOf(servers, failures);
  const catalog = createCatalog({ upstream, store, clock, failures });
  const { current: search, prepare } = createCurrentSearch(servers, catalog);
  const list = createListing({ registry, catalog, upstream, search });
  const reader = createKeptReadings(parts.reader);
  const observations = createObservations(store);
  const describe = createDescribe({ servers, catalog, upstream, observations, search });
  const help = createHelp({ servers, list, describe });
  const isReachable = (server: ServerEntry) =>
    ["ready", "not_connected"].includes(statusOf(server, { catalog, upstream }).status);
  const executing = { ...parts, servers, catalog, reader, observations, help };

  return {
    instructions: () => instructionsFor(registry, isReachable),
    listCapabilities(input) {
      try {
        return wellFormed(list(readInput(ListInput, input)));
      } catch (error) {
        return refusal(error);
      }
    },
    async describe(input) {
      try {
        return wellFormed(await describe(readInput(DescribeInput, input)));
      } catch (error) {
        return refusal(error);
      }
    },
    async execute(input, options) {
      let checked: ExecuteInput;
      try {
        checked = readExecuteInput(input);
      } catch (error) {
        return { ...refusal(error), durationMs: 0 };
      }
      return wellFormed(await execute(executing, checked, options));
    },
    async discover(canReach) {
      const isWanted = (server: ServerEntry) => server.autoDiscoverTools && isAllowedByDefault(server) && canReach(server);
      await catalog.discover(servers.filter(isWanted));
      prepare(clock);
    },
    async toolsChanged(id) {
      const server = servers.find((candidate) => candidate.id === id);
      // The catalog keeps the failure and shows it as the server's status.
      if (server) await catalog.refresh(server).catch(() => undefined);
    },
    toolsOutdated(ids) {
      const outdated = new Set(ids);
      for (const server of servers) {
        if (outdated.has(server.id)) catalog.outdate(server);
      }
    },
  };
}

function refusal(error: unknown): Refusal {
  return { ok: false, errors: [toPublicError(error)] };
}
