import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FileEntry, parseRegistry, registryPath } from "../../core/registry/registry.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ours = join(root, "node_modules/.bin");
const benchs = join(root, "bench/node_modules/.bin");

/** Its install script downloads this, or builds it. Without it the server cannot start, and is left out. */
const sqliteModule = join(root, "bench/node_modules/sqlite3/build/Release/node_sqlite3.node");

interface Places {
  /** The folder that the servers may read and write. */
  folder: string;
  /** The URL of the fake Notion API. */
  notionUrl: string;
}

export type StdioServer = FileEntry & { mcp: Extract<FileEntry["mcp"], { transport: "stdio" }> };

/** The nine servers: seven of the shipped registry and two more from npm, all working in one folder. */
export async function nineServers({ folder, notionUrl }: Places): Promise<StdioServer[]> {
  const shipped = parseRegistry(await readFile(join(root, registryPath), "utf8")).servers;
  const launches: [id: string, command: string, args: string[], env?: Record<string, string>][] = [
    ["everything", join(ours, "mcp-server-everything"), []],
    ["filesystem", join(ours, "mcp-server-filesystem"), [folder]],
    ["memory", join(ours, "mcp-server-memory"), [], { MEMORY_FILE_PATH: join(folder, "memory.jsonl") }],
    ["sqlite", join(benchs, "mcp-server-sqlite-npx"), [join(folder, "shop.db")]],
    ["playwright", join(ours, "playwright-mcp"), ["--headless", "--isolated"]],
    ["chrome-devtools", join(ours, "chrome-devtools-mcp"), ["--headless", "--isolated"]],
    ["notion", join(benchs, "notion-mcp-server"), [], { NOTION_TOKEN: "none", BASE_URL: notionUrl }],
    ["time", join(ours, "time-mcp"), []],
    ["grep", join(ours, "mcp-ripgrep"), []],
  ];
  return launches
    .filter(([id]) => id !== "sqlite" || existsSync(sqliteModule))
    .map(([id, command, args, env = {}]) => {
      const entry = [...shipped, ...others].find((candidate) => candidate.id === id);
      if (entry === undefined) throw new Error(`no entry for ${id}`);
      return { ...entry, mcp: { transport: "stdio", command, args, env } };
    });
}

const others = parseRegistry(
  JSON.stringify({
    servers: [
      {
        id: "sqlite",
        title: "SQLite",
        summary: "A SQLite database: create tables, read and write rows with SQL, describe the schema.",
        mcp: { transport: "stdio", command: "mcp-server-sqlite-npx" },
        domains: ["database"],
        tags: ["sql", "sqlite", "table", "query"],
      },
      {
        id: "notion",
        title: "Notion",
        summary: "Notion workspaces: search, read, create and update pages, blocks, databases and comments.",
        mcp: { transport: "stdio", command: "notion-mcp-server" },
        domains: ["notes", "documents"],
        tags: ["notion", "page", "database", "wiki"],
      },
    ],
  }),
).servers;
