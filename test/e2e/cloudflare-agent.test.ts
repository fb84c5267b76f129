import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { type BackgroundProcess, startBackground } from "../support/background-process.ts";
import { projectRoot } from "../support/project-root.ts";

/* examples/cloudflare-agent with the orchestrator beside it, each with its own configuration, joined by a service binding. */

const token = "an-access-token-of-this-very-test-of-agents";
const bridgeToken = "a-bridge-token-of-this-very-test-of-agents";
const started: BackgroundProcess[] = [];
let orchestrator: string;
let agents: string;

/** Both find each other through one development registry. */
async function startWorker(registry: string, ...options: string[]): Promise<string> {
  const [port, inspectorPort] = [await findFreePort(), await findFreePort()];
  const worker = await startBackground({
    args: (folder) => [
      ...["node_modules/wrangler/bin/wrangler.js", "dev", "--port", String(port), "--inspector-port", String(inspectorPort)],
      ...["--persist-to", join(folder, "state"), "--show-interactive-dev-session=false", ...options],
    ],
    env: () => ({ WRANGLER_REGISTRY_PATH: registry, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" }),
  });
  started.push(worker);
  await worker.printed(/Ready on http/);
  return `http://127.0.0.1:${port}`;
}

beforeAll(async () => {
  const folder = await startBackground({ args: () => ["-e", "setInterval(() => {}, 1e9)"] });
  started.push(folder);
  const registry = join(folder.folder, "registry");
  await mkdir(registry);
  const config = join(folder.folder, "wrangler.json");
  const classes = ["Assistant", "OverMcp"];
  await writeFile(
    config,
    JSON.stringify({
      ...{ name: "assistant", main: join(projectRoot, "test/support/agent-worker/worker.ts"), compatibility_date: "2026-11-01" },
      alias: { "./model.ts": join(projectRoot, "test/support/agent-worker/model.ts") },
      services: [{ binding: "ORCHESTRATOR", service: "mcp-dynamic-orchestrator", entrypoint: "Orchestrator" }],
      durable_objects: { bindings: classes.map((name) => ({ name, class_name: name })) },
      migrations: [{ tag: "v1", new_sqlite_classes: classes }],
    }),
  );
  const secrets = ["--var", `AUTH_TOKEN:${token}`, "--var", `BRIDGE_TOKEN:${bridgeToken}`];
  [orchestrator, agents] = await Promise.all([startWorker(registry, ...secrets), startWorker(registry, "--config", config)]);
  const file = join(folder.folder, "servers.json");
  const mcp = { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/asks.mjs"), "stdio"] };
  await writeFile(
    file,
    JSON.stringify({ servers: [{ id: "tables", title: "Tables", summary: "Tables of a restaurant.", mcp }] }),
  );
  const bridge = await startBackground({
    args: () => ["bridge/main.mjs", "start", "--url", orchestrator, "--session", "ada", "--registry", file],
    env: () => ({ BRIDGE_TOKEN: bridgeToken }),
  });
  started.push(bridge);
  await bridge.printed(/^tunnel +connected/m);
}, 300_000);

afterAll(async () => {
  for (const process of started.reverse()) await process[Symbol.asyncDispose]();
});

const ask = async (agent: string, body: unknown): Promise<unknown> =>
  (await fetch(`${agents}/agents/${agent}`, { method: "POST", body: JSON.stringify(body) })).json();

test("an agent uses the session of its name, with the servers of the bridge that serves it", {
  tags: ["face.service"],
}, async () => {
  const code = `import { session } from "runtime"; await session.set("who", "Ada"); return await tables.free({ table: "2" });`;
  const read = `import { session } from "runtime"; return await session.get("who") ?? "nobody";`;
  const answers = await ask("assistant/ada", [
    { name: "list_mcp_capabilities", input: { query: "restaurant tables" } },
    { name: "describe_mcp", input: { id: "tables" } },
    { name: "execute_mcp_code", input: { code } },
    { name: "execute_mcp_code", input: { code: read } },
  ]);
  expect(answers).toMatchObject([
    { servers: expect.arrayContaining([expect.objectContaining({ id: "tables" })]) },
    { tools: expect.arrayContaining([expect.objectContaining({ name: "free" })]) },
    { ok: true, result: "table 2 is free" },
    { ok: true, result: "Ada" },
  ]);
  expect(await ask("assistant/bob", [{ name: "execute_mcp_code", input: { code: read } }])).toMatchObject([
    { ok: true, result: "nobody" },
  ]);
});

test("an agent's own MCP client works as well, over HTTP with the token", { tags: ["face.service"] }, async () => {
  const wish = {
    url: `${orchestrator}/s/ada/mcp`,
    token,
    tool: "execute_mcp_code",
    input: { code: `return await tables.free({ table: "9" });` },
  };
  expect(await ask("over-mcp/ada", wish)).toMatchObject({
    state: "ready",
    tools: ["list_mcp_capabilities", "describe_mcp", "execute_mcp_code"],
    answer: { ok: true, result: "table 9 is free" },
  });
});
