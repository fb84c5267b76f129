import { type Catalog, createCatalog, keepFailuresOf, type ListingFailures } from "./catalog/catalog.ts";
import { createObservations } from "./catalog/observations.ts";
import type { Clock } from "./clock.ts";
import { createDescribe } from "./discovery/describe.ts";
import { createHelp } from "./discovery/help.ts";
import { readExecuteInput, readInput } from "./discovery/input.ts";
import { instructionsFor } from "./discovery/instructions.ts";
import { createListing, type Listing, statusOf } from "./discovery/list.ts";
import { createSearchMemory } from "./discovery/search-memory.ts";
import { DescribeInput, type ExecuteInput, ListInput } from "./discovery/tool-definitions.ts";
import { createToolForms, type ToolForm } from "./discovery/tool-form.ts";
import { type PublicError, toPublicError } from "./errors.ts";
import type { RunFiles } from "./files/file-calls.ts";
import { isRecord } from "./json.ts";
import type { Upstream } from "./mcp/upstream.ts";
import { type ChangedTool, createPins, type Pins } from "./policy/pins.ts";
import type { Traffic } from "./policy/traffic.ts";
import { createKeptReadings } from "./program/kept-readings.ts";
import type { ProgramReader } from "./program/reader.ts";
import { isAllowedByDefault, type Registry, type ServerEntry } from "./registry/registry.ts";
import { keepOnly } from "./registry/server-key.ts";
import { answerOf } from "./run/answer.ts";
import { check } from "./run/check.ts";
import { execute } from "./run/execute.ts";
import { createPrograms } from "./run/nested-programs.ts";
import type { OperatorBounds } from "./run/operator-bounds.ts";
import { type Outcome, wellFormedOutcome } from "./run/outcome.ts";
import type { RunOptions } from "./run/run-options.ts";
import type { Sandbox } from "./run/sandbox.ts";
import type { Programs } from "./saved/programs.ts";
import { createCurrentSearch } from "./search/search.ts";
import type { Store } from "./store.ts";
import { wellFormed } from "./text.ts";
import { inTurns } from "./turns.ts";

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
  /** Resolves when nothing that takes long is left to do for a list with this input. Whoever does not wait for it holds up every session. */
  readyToList(input: unknown): Promise<void>;
  describe(input: unknown): Promise<object | Refusal>;
  execute(input: unknown, options: RunOptions): Promise<Outcome>;
  /** What a model reads of an outcome of `input`: within its budget, with the rest kept for a later run. */
  answer(outcome: Outcome, input: unknown): Outcome;
  /** Reads and type-checks a program, and runs nothing: what a run would refuse. */
  check(input: unknown, signal: AbortSignal): Promise<PublicError[]>;
  /** The form with which a person tries a tool. */
  toolForm(input: { server: string; tool: string }): Promise<ToolForm | Refusal>;
  /** Fetches in the background the tools of default servers that are reachable and have none cached. Never rejects. */
  discover(canReach: (server: ServerEntry) => boolean): Promise<void>;
  /** The server has sent `tools/list_changed`: its tools are fetched again before their next use. */
  toolsChanged(id: string): Promise<void>;
  /** The tools that are not as they were accepted, as they were last listed. */
  changedTools(): ChangedTool[];
  /** Resolves when that takes no longer than it must. */
  readyToReview(): Promise<void>;
  /** A person accepts the tools of a server as they were last listed, or some of them. Returns the names of those that had changed. */
  acceptTools(id: string, tools: readonly string[] | undefined): string[];
  /** These servers run on another bridge than before: what was listed is used until their next use. */
  toolsOutdated(ids: readonly string[]): void;
  /** Reads and runs saved programs, for the server `saved`. */
  programs: Programs;
}

export interface OrchestratorParts {
  registry: Registry;
  upstream: Upstream;
  sandbox: Sandbox;
  reader: ProgramReader;
  store: Store;
  files?: RunFiles | undefined;
  /** Belongs to the session, not to this registry: a changed registry must not reset the quotas. */
  traffic: Traffic;
  failures: ListingFailures;
  /** Whether a person has to allow calls that the registry says so of. */
  asksForApproval: boolean;
  /** The ids of the servers that saved programs use; left out, they are not known. */
  savedUse?: () => ReadonlySet<string>;
  clock: Clock;
  /** The SHA-256 of a text. */
  sha256: (text: string) => string;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  /** Returns a new unguessable name for a stored result. */
  newHandle: () => string;
  /** What the operator allows every run; left out, as much as the product. */
  bounds?: OperatorBounds;
}

export function createOrchestrator(parts: OrchestratorParts): Orchestrator {
  const { registry, upstream, store, clock, failures } = parts;
  const { servers } = registry;
  keepOnly(servers, store);
  keepFailuresOf(servers, failures);
  const pins = createPins({ store, sha256: parts.sha256 });
  const catalog = createCatalog({ upstream, store, clock, failures, onTool: pins.know, onListed: pins.listed });
  const { current: search, prepare: index } = createCurrentSearch(servers, catalog);
  const prepare = async () => {
    await catalog.readAll(servers);
    await index(clock);
  };
  const memory = createSearchMemory({ store, clock });
  const list = createListing({ registry, catalog, upstream, search, memory });
  const reader = createKeptReadings(parts.reader);
  const observations = createObservations(store);
  const describe = createDescribe({ servers, catalog, upstream, observations, search, prepare, clock });
  const formOf = createToolForms({ servers, catalog });
  const help = createHelp({ servers, list, describe, prepare });
  const executing = { ...parts, pins, servers, catalog, reader, observations, help };

  return {
    instructions: () => instructionsFor(registry, (server) => statusOf(server, { catalog, upstream }).status),
    ...listsOf({ list, memory, ready: (isSearch) => (isSearch ? prepare() : catalog.readAll(servers)) }),
    describe: refusing(async (input) => wellFormed(await describe(readInput(DescribeInput, input)))),
    async execute(input, options) {
      let checked: ExecuteInput;
      try {
        checked = readExecuteInput(input);
      } catch (error) {
        return { ...refusal(error), durationMs: 0 };
      }
      await catalog.readAll(servers);
      const outcome = await execute(executing, checked, options);
      memory.called(outcome.calls?.filter((call) => call.outcome === "succeeded") ?? []);
      return wellFormedOutcome(outcome);
    },
    answer: (outcome, input) => answerOf(outcome, input, parts),
    toolForm: refusing(async (input) => wellFormed(await formOf(input))),
    check: async (input, signal) => wellFormed(await check(executing, input, signal)),
    async discover(canReach) {
      const isWanted = (server: ServerEntry) => server.autoDiscoverTools && isAllowedByDefault(server) && canReach(server);
      await catalog.discover(servers.filter(isWanted));
      await prepare();
    },
    programs: createPrograms(executing),
    ...newsOf(servers, catalog),
    ...reviewsOf({ servers, catalog, pins, clock }),
  };
}

interface Lists {
  list: ReturnType<typeof createListing>;
  memory: ReturnType<typeof createSearchMemory>;
  ready: (isSearch: boolean) => Promise<void>;
}

function listsOf({ list, memory, ready }: Lists): Pick<Orchestrator, "listCapabilities" | "readyToList"> {
  return {
    listCapabilities(input) {
      try {
        const wanted = readInput(ListInput, input);
        const listing = wellFormed(list(wanted));
        memory.listed([wanted.query ?? []].flat(), listing.servers);
        return listing;
      } catch (error) {
        return refusal(error);
      }
    },
    readyToList: (input) => ready(isRecord(input) && input.query !== undefined),
  };
}

/** What servers and bridges say of tools. */
function newsOf(servers: readonly ServerEntry[], catalog: Catalog): Pick<Orchestrator, "toolsChanged" | "toolsOutdated"> {
  return {
    async toolsChanged(id) {
      const server = servers.find((candidate) => candidate.id === id);
      // The catalog keeps the failure and shows it as the server's status.
      if (server) await catalog.changed(server).catch(() => undefined);
    },
    toolsOutdated(ids) {
      for (const server of servers) if (ids.includes(server.id)) catalog.outdate(server);
    },
  };
}

/** Of an ordinary tool, compared with that of reading a word. */
const hashCost = 50;

interface Reviewed {
  servers: readonly ServerEntry[];
  catalog: Catalog;
  pins: Pins;
  clock: Clock;
}

/** What a person sees and accepts of tools that changed. */
function reviewsOf({
  servers,
  catalog,
  pins,
  clock,
}: Reviewed): Pick<Orchestrator, "readyToReview" | "changedTools" | "acceptTools"> {
  function* hashAll(): Generator<number, void> {
    for (const server of servers) {
      for (const tool of catalog.whole(server)) {
        pins.know(server, tool);
        yield hashCost;
      }
    }
  }
  return {
    async readyToReview() {
      await catalog.readAll(servers);
      await inTurns(hashAll(), clock);
    },
    changedTools: () => servers.flatMap((server) => pins.changed(server, catalog.whole(server))),
    acceptTools(id, tools) {
      const server = servers.find((candidate) => candidate.id === id);
      if (server === undefined) return [];
      const wanted = tools && new Set(tools);
      const listed = catalog.whole(server).filter(({ name }) => wanted === undefined || wanted.has(name));
      return pins.accept(server, listed);
    },
  };
}

function refusing<Input, Answer>(ask: (input: Input) => Promise<Answer>) {
  return async (input: Input): Promise<Answer | Refusal> => {
    try {
      return await ask(input);
    } catch (error) {
      return refusal(error);
    }
  };
}

function refusal(error: unknown): Refusal {
  return { ok: false, errors: [toPublicError(error)] };
}
