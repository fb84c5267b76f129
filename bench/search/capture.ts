import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { z } from "zod";
import { readTools } from "../../core/tool.ts";
import { type Catalog, catalogFile, compact } from "./catalogs.ts";
import { type PublishedServer, publishedServers } from "./servers.ts";

const usage = `Usage: node bench/search/capture.ts [id …]

Installs published servers in a temporary folder, without their install scripts, starts each over stdio with credentials
that open nothing, and writes what it lists to bench/search/catalogs/. Without ids: every server of bench/search/servers.ts.
Needs npm's registry. Whoever captures again writes new versions: the numbers of bench:search change with them.
`;

/** From the start of a server to its last page. */
const listMs = 45_000;

const Manifest = z.object({
  version: z.string(),
  description: z.string().default(""),
  keywords: z.array(z.string()).default([]),
  bin: z.union([z.string(), z.record(z.string(), z.string())]),
});
const Page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });

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
      process.stderr.write(`${server.id}: left out, ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

async function capture(server: PublishedServer): Promise<Catalog> {
  const folder = await mkdtemp(join(tmpdir(), "published-server-"));
  try {
    await writeFile(join(folder, "package.json"), "{}");
    await install(server.package, folder);
    const own = join(folder, "node_modules", server.package);
    const manifest = Manifest.parse(JSON.parse(await readFile(join(own, "package.json"), "utf8")));
    const program = join(own, binOf(server, manifest.bin));
    const tools = await list({ program, server, folder });
    return {
      package: `${server.package}@${manifest.version}`,
      description: manifest.description,
      keywords: manifest.keywords,
      tools: tools.map(({ name, title, description, inputSchema }) => ({ name, title, description, inputSchema })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function install(name: string, folder: string): Promise<void> {
  const npm = spawn("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", name], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [exitCode] = await once(npm, "exit");
  if (exitCode !== 0) throw new Error(`npm install ended with ${exitCode}`);
}

function binOf({ bin }: PublishedServer, bins: string | Record<string, string>): string {
  const path = typeof bins === "string" ? bins : bin === undefined ? Object.values(bins)[0] : bins[bin];
  if (path === undefined) throw new Error("the package has no such executable");
  return path;
}

async function list({ program, server, folder }: { program: string; server: PublishedServer; folder: string }) {
  const client = new Client({ name: "capture", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, ...(server.args ?? [])],
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, NO_UPDATE_NOTIFIER: "1", ...server.env },
    stderr: "ignore",
  });
  const options = { timeout: listMs };
  try {
    await client.connect(transport, options);
    const found: unknown[] = [];
    let cursor: string | undefined;
    do {
      const params = cursor === undefined ? {} : { cursor };
      const page = await client.request({ method: "tools/list", params }, Page, options);
      found.push(...page.tools);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const tools = readTools(found);
    if (tools.length === 0) throw new Error("it lists no tools");
    return tools;
  } finally {
    await client.close();
  }
}
