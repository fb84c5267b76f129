import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
type Manifest = z.infer<typeof Manifest>;

/** A server's package, and the tools of all pages exactly as the server lists them. */
export interface Published {
  manifest: Manifest;
  tools: unknown[];
}

/** Does not validate the tools, so that they stay exactly as the servers list them. */
const Page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });

const cache = fileURLToPath(new URL("../.cache/", import.meta.url));

/** Time limit of each request to a server. */
const listMs = 60_000;
/** Time limit of one installation. The largest servers have hundreds of dependencies. */
const installMs = 600_000;

/** Installs a server in a temporary folder below bench/.cache/, without install scripts, and lists its tools. */
export async function listPublished(server: PublishedServer): Promise<Published> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "install-"));
  try {
    await writeFile(join(folder, "package.json"), "{}");
    await install(server, folder);
    return await listInstalled(server, { packages: join(folder, "node_modules"), home: folder });
  } finally {
    // A process that the server started, such as an npm update check, may still be writing into the folder.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }
}

/** Starts a server that is installed in the `node_modules` folder `packages`, and lists its tools. `home` is its working directory. */
export async function listInstalled(server: PublishedServer, { packages, home }: Installed): Promise<Published> {
  const own = join(packages, server.package);
  const manifest = Manifest.parse(JSON.parse(await readFile(join(own, "package.json"), "utf8")));
  return { manifest, tools: await list(server, { program: join(own, binOf(server, manifest.bin)), home }) };
}

interface Installed {
  packages: string;
  home: string;
}

async function install({ package: name, version }: PublishedServer, folder: string): Promise<void> {
  const npm = spawn("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", `${name}@${version}`], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    signal: AbortSignal.timeout(installMs),
  });
  let complaint = "";
  npm.stderr.on("data", (chunk) => {
    complaint += String(chunk);
  });
  const [exitCode] = await once(npm, "close");
  if (exitCode !== 0) throw new Error(`npm install ended with ${exitCode}: ${complaint.trim().split("\n", 1)}`);
}

function binOf({ bin }: PublishedServer, bins: Manifest["bin"]): string {
  const path = typeof bins === "string" ? bins : bin === undefined ? Object.values(bins)[0] : bins[bin];
  if (path === undefined) throw new Error("the package has no such executable");
  return path;
}

async function list(
  { args = [], env }: PublishedServer,
  { program, home }: { program: string; home: string },
): Promise<unknown[]> {
  const client = new Client({ name: "capture", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, ...args],
    cwd: home,
    env: { PATH: process.env.PATH ?? "", HOME: home, NO_UPDATE_NOTIFIER: "1", ...env },
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
