import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { readTools } from "../../core/mcp/tool.ts";
import { type Catalog, catalogFile, compact } from "./catalogs.ts";
import { listPublished } from "./published-server.ts";
import { type PublishedServer, publishedServers } from "./servers.ts";

const usage = `Usage: node bench/search/capture.ts [id …]

Installs published servers in a temporary folder, without their install scripts, starts each over stdio with invalid
credentials, and writes the tools it lists to bench/search/catalogs/. Without ids: every server in bench/search/servers.ts.
Needs npm's registry. A new capture may contain new versions of the servers, and bench:search then gives other numbers.
`;

/** The time limit of each request to a server. */
const listMs = 45_000;

const { values, positionals } = parseArgs({ options: { help: { type: "boolean", default: false } }, allowPositionals: true });
if (values.help) process.stdout.write(usage);
else await captureAll(publishedServers.filter(({ id }) => positionals.length === 0 || positionals.includes(id)));

async function captureAll(servers: readonly PublishedServer[]): Promise<void> {
  await mkdir(new URL("catalogs/", import.meta.url), { recursive: true });
  for (const server of servers) {
    try {
      const catalog = await capture(server);
      await writeFile(catalogFile(server.id), compact(catalog));
      process.stderr.write(`${server.id}: ${catalog.package}, ${catalog.tools.length} tools\n`);
    } catch (error) {
      process.stderr.write(`${server.id}: skipped, ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

async function capture(server: PublishedServer): Promise<Catalog> {
  const { manifest, tools: listed } = await listPublished(server, { listMs });
  const tools = readTools(listed);
  if (tools.length === 0) throw new Error("it lists no tools");
  return {
    package: `${server.package}@${manifest.version}`,
    description: manifest.description,
    keywords: manifest.keywords,
    tools: tools.map(({ name, title, description, inputSchema }) => ({ name, title, description, inputSchema })),
  };
}
