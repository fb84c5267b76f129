import { discoveryLimits } from "../../core/discovery/discovery-limits.ts";
import { Tool } from "../../core/mcp/tool.ts";
import { FileEntry } from "../../core/registry/registry.ts";
import { createSearch, type Search } from "../../core/search/search.ts";
import type { Catalog } from "./catalogs.ts";
import { type Query, serverOf } from "./queries.ts";

/** What the model sees for a query: servers in the order of the list, and tools as `server/tool` in reading order. */
export interface Found {
  servers: string[];
  tools: string[];
}

export type Finder = (query: string) => Promise<Found>;

/** Registry entries with nothing written by hand: summary and tags are the package's description and keywords. */
export function entriesOf(catalogs: ReadonlyMap<string, Catalog>): FileEntry[] {
  return [...catalogs].map(([id, { description, keywords }]) =>
    FileEntry.parse({
      id,
      title: id,
      summary: description.slice(0, 400) || id,
      tags: keywords,
      mcp: { transport: "stdio", command: id },
    }),
  );
}

function searchOf(catalogs: ReadonlyMap<string, Catalog>): { search: Search; servers: FileEntry[] } {
  const servers = entriesOf(catalogs);
  const tools = new Map([...catalogs].map(([id, catalog]) => [id, catalog.tools.map((tool) => Tool.parse(tool))]));
  const search = createSearch(servers, ({ id }) => ({ tools: tools.get(id) ?? [], fetchedAt: 0 }));
  return { search, servers };
}

export function createOurs(catalogs: ReadonlyMap<string, Catalog>): Finder {
  const { search, servers } = searchOf(catalogs);
  return async (query) => {
    const { matches } = search.find(query, servers, discoveryLimits.listTools);
    return {
      servers: matches.map(({ server }) => server.id),
      tools: matches.flatMap(({ server, tools }) => tools.map((tool) => `${server.id}/${tool.name}`)),
    };
  };
}

/**
 * The share of queries that find nothing fitting once the servers with the right tools are left out. Other servers may still do what is asked,
 * so that not all of them should.
 */
export function saidNothingWithoutServer(catalogs: ReadonlyMap<string, Catalog>, queries: readonly Query[]): number {
  const { search, servers } = searchOf(catalogs);
  const said = queries.filter(({ text, wanted }) => {
    const left = servers.filter(({ id }) => !wanted.some((path) => serverOf(path) === id));
    const { matches, unknown } = search.find(text, left, discoveryLimits.listTools);
    return matches[0]?.isWeak !== false || unknown.length > 0;
  });
  return said.length / queries.length;
}

/** The share of requests of which a list says that nothing fits, or names what nothing here mentions. */
export function saidNothingFits(catalogs: ReadonlyMap<string, Catalog>, queries: readonly string[]): number {
  const { search, servers } = searchOf(catalogs);
  const isSaid = (query: string) => {
    const { matches, unknown } = search.find(query, servers, discoveryLimits.listTools);
    return matches[0]?.isWeak === true || unknown.length > 0;
  };
  return queries.filter(isSaid).length / queries.length;
}
