import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { processesOf, scriptEnvironment } from "../support/background-process.ts";
import { projectRoot } from "../support/project-root.ts";

/* `mcp-bridge stdio`, started by the official clients as they start any server. All share one stack, which nobody started by hand. */

let folder: string;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mcp-stdio-face-"));
  port = await findFreePort();
  const entry = (id: string, ...args: string[]) => ({
    ...{ id, title: id, summary: `The server ${id}.` },
    mcp: { transport: "stdio", command: process.execPath, args },
  });
  await writeFile(
    join(folder, "registry.json"),
    JSON.stringify({ servers: [entry("tables", "test/servers/asks.mjs", "stdio"), entry("waits", "test/servers/waits.mjs")] }),
  );
});

afterAll(async () => {
  for (const { pid } of processesOf({ folder })) process.kill(pid, "SIGKILL");
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  await rm(join(projectRoot, ".wrangler", "local", String(port)), { recursive: true, force: true, maxRetries: 3 });
});

function started() {
  return {
    command: process.execPath,
    args: [join(projectRoot, "bridge/main.mjs"), "stdio", "--registry", join(folder, "registry.json")],
    // Every process that comes of it inherits TMPDIR, by which processesOf finds it.
    env: { ...scriptEnvironment(), PORT: String(port), TMPDIR: folder, XDG_STATE_HOME: join(folder, "state") },
    cwd: folder,
    stderr: "ignore" as const,
  };
}

async function connectOlder() {
  const client = new Client({ name: "test", version: "1" }, { capabilities: { elicitation: {} } });
  const transport = new StdioClientTransport(started());
  await client.connect(transport);
  return { client, pid: transport.pid };
}

async function connectNewer() {
  const client = new ModernClient({ name: "test", version: "1" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(new ModernTransport(started()));
  return client;
}

const timeout = 110_000;
type Calling = Pick<Client, "callTool"> | ModernClient;

async function run(client: Calling, code: string): Promise<unknown> {
  const call = { name: "execute_mcp_code", arguments: { code } };
  const answer =
    client instanceof ModernClient
      ? await client.callTool(call, { timeout })
      : await client.callTool(call, undefined, { timeout });
  const { result, errors } = answer.structuredContent as { result?: unknown; errors?: unknown };
  return errors ?? result;
}

test("a client of each generation works over stdio, and all of them in one session", { tags: ["face.stdio"] }, async () => {
  const [{ client: older }, newer] = await Promise.all([connectOlder(), connectNewer()]);
  const names = ["list_mcp_capabilities", "describe_mcp", "execute_mcp_code"];
  expect((await older.listTools()).tools.map(({ name }) => name)).toEqual(names);
  expect((await newer.listTools()).tools.map(({ name }) => name)).toEqual(names);
  expect(older.getInstructions()).toContain("Servers: tables, waits.");
  expect(newer.getInstructions()).toBe(older.getInstructions());

  await run(older, `import { session } from "runtime"; session.set("seen", 7); return 1;`);
  expect(await run(newer, `import { session } from "runtime"; return await session.get("seen");`)).toBe(7);
  expect(await run(newer, "return await tables.reserve({});")).toMatchObject([{ code: "tool_unknown" }]);

  await older.close();
  // What the first one may have started goes on for the second.
  expect(await run(newer, `import { session } from "runtime"; return await session.get("seen");`)).toBe(7);
  await newer.close();
  await expect.poll(() => processesOf({ folder }), { timeout: 20_000 }).toEqual([]);
});

test("progress, logs, questions and cancellation pass through, and a killed client leaves nothing", {
  tags: ["face.stdio", "questions.asked"],
}, async () => {
  const { client, pid } = await connectOlder();
  const logged: unknown[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params.data));
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    expect(params.message).toBe("tables asks (book): Who sits at table 7?");
    return { action: "accept", content: { name: "Ada" } };
  });
  const told: unknown[] = [];
  const code = `import { progress } from "runtime"; console.log("hello"); progress(1, 2); return await tables.book({ table: "7" });`;
  const answer = await client.callTool({ name: "execute_mcp_code", arguments: { code } }, undefined, {
    timeout,
    onprogress: (progress) => void told.push(progress),
  });
  expect(answer.structuredContent).toMatchObject({ ok: true, result: "table 7: Ada, 1" });
  expect(logged).toEqual(["hello"]);
  expect(told).toContainEqual({ progress: 1, total: 2 });

  const cancelling = new AbortController();
  const waiting = client.callTool(
    { name: "execute_mcp_code", arguments: { code: "return await waits.wait();", maxRuntimeMs: 120_000 } },
    undefined,
    { timeout, signal: cancelling.signal },
  );
  const seen = async () => JSON.stringify(await run(client, "return await waits.seen();"));
  await expect.poll(seen, { timeout: 60_000 }).toBe('{"waits":1,"cancelled":0}');
  cancelling.abort();
  await expect(waiting).rejects.toThrow();
  await expect.poll(seen, { timeout: 60_000 }).toBe('{"waits":1,"cancelled":1}');

  if (pid === null) throw new Error("the transport has no process");
  process.kill(pid, "SIGKILL");
  await expect.poll(() => processesOf({ folder }), { timeout: 20_000 }).toEqual([]);
});
