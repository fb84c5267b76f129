import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { z } from "zod";
import type { PublishedServer } from "./servers.ts";

const Manifest = z.object({
  version: z.string(),
  description: z.string().default(""),
  keywords: z.array(z.string()).default([]),
  bin: z.union([z.string(), z.record(z.string(), z.string())]),
});
export type Manifest = z.infer<typeof Manifest>;

/** Does not validate the tools, so that they are captured exactly as the servers list them. */
const Page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });

/**
 * Installs a published server in a temporary folder, without its install scripts, starts it over stdio and returns the tools of all
 * pages. `listMs` is the time limit of each request.
 */
export async function listPublished(
  server: PublishedServer,
  { listMs }: { listMs: number },
): Promise<{ manifest: Manifest; tools: unknown[] }> {
  const folder = await mkdtemp(join(tmpdir(), "published-server-"));
  try {
    await writeFile(join(folder, "package.json"), "{}");
    await install(server.package, folder);
    const own = join(folder, "node_modules", server.package);
    const manifest = Manifest.parse(JSON.parse(await readFile(join(own, "package.json"), "utf8")));
    const program = join(own, binOf(server, manifest.bin));
    return { manifest, tools: await list(server, { program, folder, listMs }) };
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

function binOf({ bin }: PublishedServer, bins: Manifest["bin"]): string {
  const path = typeof bins === "string" ? bins : bin === undefined ? Object.values(bins)[0] : bins[bin];
  if (path === undefined) throw new Error("the package has no such executable");
  return path;
}

interface Installed {
  program: string;
  folder: string;
  listMs: number;
}

async function list(server: PublishedServer, { program, folder, listMs }: Installed): Promise<unknown[]> {
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
    let cursor: string | null | undefined;
    do {
      const page = await client.request({ method: "tools/list", params: cursor ? { cursor } : {} }, Page, options);
      found.push(...page.tools);
      cursor = page.nextCursor;
    } while (cursor);
    return found;
  } finally {
    await client.close();
  }
}
