import { mkdir, readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { readTools } from "../../core/mcp/tool.ts";
import { listPublished, type Published } from "./published-server.ts";
import type { PublishedServer } from "./servers.ts";

const ListedTool = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), z.unknown()),
});

/** A published server's description and tools, as it lists them. */
export const Catalog = z.object({
  /** `name@version`, as on npm. */
  package: z.string(),
  description: z.string(),
  keywords: z.array(z.string()),
  tools: z.array(ListedTool),
});
export type Catalog = z.infer<typeof Catalog>;

export interface Gathered {
  /** By server id, sorted by id. */
  catalogs: ReadonlyMap<string, Catalog>;
  missing: readonly { id: string; reason: string }[];
}

/** Outside git: the texts belong to the servers' authors. */
const folder = new URL("../.cache/whole-catalogs/", import.meta.url);

const installsAtOnce = 2;

/**
 * The catalogs of all servers: from the cache if the pinned version is there, otherwise from an installation of the server. A server
 * that cannot be installed or listed goes to `missing`, and the others continue.
 */
export async function gatherCatalogs(servers: readonly PublishedServer[], onStep: (title: string) => void): Promise<Gathered> {
  const catalogs = new Map<string, Catalog>();
  const missing: { id: string; reason: string }[] = [];
  const waiting = servers.entries();
  const work = async () => {
    for (const [at, server] of waiting) {
      const place = `${at + 1} of ${servers.length}, ${packageOf(server)}`;
      try {
        catalogs.set(server.id, (await readKept(server)) ?? (await capture(server, () => onStep(`${place}: installing`))));
        onStep(`${place}: listed ${catalogs.get(server.id)?.tools.length}`);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        missing.push({ id: server.id, reason });
        onStep(`${place}: left out, ${reason}`);
      }
    }
  };
  await mkdir(folder, { recursive: true });
  await Promise.all(Array.from({ length: installsAtOnce }, work));
  return { catalogs: new Map([...catalogs].sort(([a], [b]) => (a < b ? -1 : 1))), missing };
}

export function catalogOf(server: PublishedServer, { manifest, tools: listed }: Published): Catalog {
  const tools = readTools(listed);
  if (tools.length === 0) throw new Error("it lists no tools");
  return {
    package: `${server.package}@${manifest.version}`,
    description: manifest.description,
    keywords: manifest.keywords,
    tools: tools.map(({ name, title, description, inputSchema }) => ({
      name,
      title,
      description,
      inputSchema,
    })),
  };
}

async function capture(server: PublishedServer, onInstall: () => void): Promise<Catalog> {
  onInstall();
  const catalog = catalogOf(server, await listPublished(server));
  await writeFile(fileOf(server), JSON.stringify(catalog));
  return catalog;
}

async function readKept(server: PublishedServer): Promise<Catalog | undefined> {
  try {
    const kept = Catalog.parse(JSON.parse(await readFile(fileOf(server), "utf8")));
    return kept.package === packageOf(server) ? kept : undefined;
  } catch {
    // Missing or half written. Either way, it is captured again.
    return undefined;
  }
}

function fileOf({ id }: PublishedServer): URL {
  return new URL(`${id}.json`, folder);
}

function packageOf({ package: name, version }: PublishedServer): string {
  return `${name}@${version}`;
}
