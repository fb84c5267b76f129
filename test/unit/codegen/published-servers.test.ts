import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { declareClient } from "../../../core/codegen/declaration.ts";
import { clientModule } from "../../../core/codegen/module.ts";
import { signatureOf } from "../../../core/codegen/signature.ts";
import { readTools, type Tool } from "../../../core/mcp/tool.ts";
import { diagnose } from "../../support/typescript.ts";

const bin = fileURLToPath(new URL("../../../node_modules/.bin", import.meta.url));

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
afterAll(() => rm(home, { recursive: true, force: true }));

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

/** The tool listings of published servers that need an account, captured by test/fixtures/capture.ts. */
const captured = new URL("../../fixtures/tools/", import.meta.url);

function readCaptured(file: string): Tool[] {
  const listed: unknown[] = JSON.parse(readFileSync(new URL(file, captured), "utf8"));
  const tools = readTools(listed);
  expect(tools).toHaveLength(listed.length);
  return tools;
}

describe("captured tool listings", () => {
  test("get clients that declare every tool and compile under strict", { tags: ["clients.types"] }, () => {
    const files = readdirSync(captured).map((file) => declarationsOf(file, readCaptured(file)));
    expect(files.length).toBeGreaterThan(10);
    expect(diagnose(Object.assign({}, ...files))).toEqual([]);
  });

  test("get one type for a structure that a server repeats in its tools", { tags: ["clients.types-shared"] }, () => {
    const [notion = ""] = readdirSync(captured).filter((file) => file.includes("notion"));
    const tools = readCaptured(notion);
    expect(JSON.stringify(tools).split('"richTextRequest":').length).toBeGreaterThan(2);
    const declaration = Object.values(declarationsOf(notion, tools)).join("");
    expect(declaration.split("export type RichTextRequest =")).toHaveLength(2);
    expect(declaration.length).toBeLessThan(JSON.stringify(tools).length / 3);
  });
});

/** Also asserts that no tool is omitted and that every signature is short. */
function declarationsOf(id: string, tools: Tool[]): Record<string, string> {
  const server = { id, title: id, summary: "A published server.", examples: [] };
  const { declaration, included, omitted } = declareClient({ server, tools });
  expect(included).toEqual(tools.map((tool) => tool.name));
  expect(omitted).toEqual([]);
  for (const tool of tools) expect(signatureOf(tool.name, tool).length).toBeLessThanOrEqual(200);
  return { [`mcp-clients/${id}.d.ts`]: declaration };
}
