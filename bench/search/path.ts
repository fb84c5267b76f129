import { createCatalog } from "../../core/catalog/catalog.ts";
import { createObservations } from "../../core/catalog/observations.ts";
import { createDescribe } from "../../core/discovery/describe.ts";
import { createListing } from "../../core/discovery/list.ts";
import { createSearchMemory } from "../../core/discovery/search-memory.ts";
import { DescribeInput, ListInput } from "../../core/discovery/tool-definitions.ts";
import { Tool } from "../../core/mcp/tool.ts";
import { createCurrentSearch } from "../../core/search/search.ts";
import { FakeUpstream, ManualClock, memoryStore } from "../../test/support/fakes.ts";
import { tokensOf } from "../tokens/tokens.ts";
import type { Catalog } from "./catalogs.ts";
import { entriesOf, type Finder } from "./ours.ts";
import { type Query, serverOf } from "./queries.ts";

/** What a model reads until it can write the right call, in tokens, and how often it gets there. */
export interface Path {
  queries: number;
  /** Share of queries whose tool is shown, and the median of the tokens for these. */
  shown: number;
  tokens: number;
  /** Median of the tokens of the first answer, for all queries. */
  firstTokens: number;
}

/** list_mcp_capabilities as shipped, then describe_mcp of the right tool where its signature is not in the list. */
export async function pathOfOurs(catalogs: ReadonlyMap<string, Catalog>, queries: readonly Query[]): Promise<Path> {
  const servers = entriesOf(catalogs);
  const upstream = new FakeUpstream(
    Object.fromEntries([...catalogs].map(([id, { tools }]) => [id, { tools: tools.map((tool) => Tool.parse(tool)) }])),
  );
  const parts = { store: memoryStore(), clock: new ManualClock() };
  const catalog = createCatalog({ ...parts, upstream, failures: new Map(), onListed: () => {} });
  await catalog.discover(servers);
  const { current: search, prepare } = createCurrentSearch(servers, catalog);
  const { clock, store } = parts;
  const registry = { servers, problems: [], warnings: [] };
  const list = createListing({ registry, catalog, upstream, search, memory: createSearchMemory(parts) });
  const describe = createDescribe({
    ...{ servers, catalog, upstream, observations: createObservations(store), search },
    ...{ clock, prepare: () => prepare(clock) },
  });
  const found = await Promise.all(
    queries.map(async ({ text, wanted }) => {
      const listing = list(ListInput.parse({ query: text }));
      const first = tokensOf(listing);
      const tools = listing.servers.flatMap(({ id, tools = [] }) =>
        tools.map((tool) => ({ path: `${id}/${tool.name}`, ...tool })),
      );
      const right = tools.find(({ path }) => wanted.includes(path));
      if (right === undefined) return { first, all: undefined };
      if (right.signature !== undefined) return { first, all: first };
      const described = await describe(DescribeInput.parse({ id: serverOf(right.path), tools: [right.name] }));
      return { first, all: first + tokensOf(described) };
    }),
  );
  return summaryOf(found);
}

/** The five best definitions of a client's tool search, whole, as it hands them to its model. */
export async function pathOfDefinitions(
  catalogs: ReadonlyMap<string, Catalog>,
  queries: readonly Query[],
  find: Finder,
): Promise<Path> {
  const definitions = new Map(
    [...catalogs].flatMap(([id, { tools }]) => tools.map((tool) => [`${id}/${tool.name}`, tokensOf(tool)] as [string, number])),
  );
  const found = await Promise.all(
    queries.map(async ({ text, wanted }) => {
      const best = (await find(text)).tools.slice(0, 5);
      const first = best.reduce((sum, path) => sum + (definitions.get(path) ?? 0), 0);
      return { first, all: best.some((path) => wanted.includes(path)) ? first : undefined };
    }),
  );
  return summaryOf(found);
}

function summaryOf(found: readonly { first: number; all: number | undefined }[]): Path {
  const reached = found.flatMap(({ all }) => all ?? []);
  return {
    queries: found.length,
    shown: reached.length / found.length,
    tokens: medianOf(reached),
    firstTokens: medianOf(found.map(({ first }) => first)),
  };
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)] ?? 0;
}
