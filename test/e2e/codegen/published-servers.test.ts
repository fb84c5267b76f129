import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientModule } from "../../../core/codegen/module.ts";
import { readTools, type Tool } from "../../../core/mcp/tool.ts";
import { declarationsOf } from "../../support/declared-server.ts";
import { projectRoot } from "../../support/project-root.ts";
import { diagnose } from "../../support/typescript.ts";

const bin = join(projectRoot, "node_modules/.bin");

const servers = [
  { id: "time", command: "time-mcp", args: [] },
  { id: "grep", command: "mcp-ripgrep", args: [] },
  { id: "memory", command: "mcp-server-memory", args: [] },
  { id: "filesystem", command: "mcp-server-filesystem", args: [tmpdir()] },
  { id: "sequential-thinking", command: "mcp-server-sequential-thinking", args: [] },
  { id: "everything", command: "mcp-server-everything", args: [] },
  { id: "playwright", command: "playwright-mcp", args: ["--headless", "--isolated"] },
  { id: "chrome-devtools", command: "chrome-devtools-mcp", args: ["--headless", "--isolated"] },
];

/** An empty home folder, so that the memory server finds nothing and leaves nothing behind. */
let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "published-servers-"));
});
// A browser that was told to end may still write its profile.
afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));

async function listTools(server: (typeof servers)[number]): Promise<Tool[]> {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StdioClientTransport({
    command: join(bin, server.command),
    args: server.args,
    env: { PATH: [bin, process.env.PATH].join(delimiter), HOME: home, MEMORY_FILE_PATH: join(home, "memory.jsonl") },
    cwd: home,
    stderr: "ignore",
  });
  try {
    await client.connect(transport);
    return readTools((await client.listTools()).tools);
  } finally {
    await client.close();
  }
}

describe.concurrent("a published server", () => {
  test.each(servers)(
    "$id gets a client that declares every tool and compiles under strict",
    { tags: ["clients.types"], timeout: 60_000 },
    async (server) => {
      const tools = await listTools(server);
      expect(tools.length).toBeGreaterThan(0);

      expect(diagnose(declarationsOf(server.id, tools))).toEqual([]);
      expect(clientModule({ server, tools }).split("\n").length).toBeGreaterThan(tools.length);
    },
  );
});
