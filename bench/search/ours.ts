import { Tool } from "../../core/mcp/tool.ts";
import { FileEntry } from "../../core/registry/registry.ts";
import { createSearch, type Search } from "../../core/search/search.ts";
import type { Catalog } from "./catalogs.ts";

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

export function searchOf(catalogs: ReadonlyMap<string, Catalog>): { search: Search; servers: FileEntry[] } {
  const servers = entriesOf(catalogs);
  const tools = new Map([...catalogs].map(([id, catalog]) => [id, catalog.tools.map((tool) => Tool.parse(tool))]));
  const search = createSearch(servers, ({ id }) => ({ tools: tools.get(id) ?? [], fetchedAt: 0 }));
  return { search, servers };
}

export function createOurs(catalogs: ReadonlyMap<string, Catalog>): Finder {
  const { search, servers } = searchOf(catalogs);
  return async (query) => {
    const matches = search.rank(query, servers);
    return {
      servers: matches.map(({ server }) => server.id),
      tools: matches.flatMap(({ server, tools }) => tools.map((tool) => `${server.id}/${tool.name}`)),
    };
  };
}
