import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scriptEnvironment } from "../support/background-process.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";
import { startScriptedModel } from "../support/scripted-model.ts";
import { agreeToLogin, startWorkerWithLogin } from "../support/worker-with-login.ts";

/* The real Claude Code, offline and with its own home folder. */

const version = "2.1.329";
/** Outside the repository and kept between runs, because the package is large. */
const installation = join(tmpdir(), `mcp-orchestrator-claude-code-${version}`);
const program = join(installation, "node_modules/.bin/claude");
const installMs = 300_000;

let product: Product;
let home: string;

beforeAll(async () => {
  if (!existsSync(program)) {
    await mkdir(installation, { recursive: true });
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", installation, `@anthropic-ai/claude-code@${version}`]);
  }
  home = await mkdtemp(join(tmpdir(), "mcp-orchestrator-e2e-home-"));
  const asks = { transport: "stdio", command: process.execPath, args: ["test/servers/asks.mjs", "stdio"] };
  product = await startProduct({
    registry: { servers: [{ id: "tables", title: "Tables", summary: "Books tables.", mcp: asks }] },
  });
}, installMs);

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
  if (home !== undefined) await rm(home, { recursive: true, force: true, maxRetries: 3 });
});

it("adds the server by the printed command and shows it as connected", { tags: ["claude-code"] }, async () => {
  const [, command = ""] = /^ {2}claude (mcp add .+)$/m.exec(product.output()) ?? [];
  await claude(...command.split(" "));
  const listed = await claude("mcp", "list");

  expect(listed).toMatch(new RegExp(`^orchestrator: ${product.url}/mcp .*Connected`, "m"));
});

it("shows a server that does not run as not connected", async () => {
  await claude("mcp", "add", "--transport", "http", "elsewhere", `${product.url}/nothing-here`);

  expect(await claude("mcp", "list")).toMatch(/^elsewhere: .*(Failed|not|✗|✘)/m);
});

it("validates plugin and marketplace in strict mode", { tags: ["claude-code"] }, async () => {
  expect(await claude("plugin", "validate", "--strict", projectRoot)).toContain("Validation passed");
  expect(await claude("plugin", "validate", "--strict", join(projectRoot, "skills/.claude-plugin/plugin.json"))).toContain(
    "Validation passed",
  );
});

describe("the plugin", () => {
  let closed: Product;

  beforeAll(async () => {
    closed = await startProduct({ registry: { servers: [] }, isClosed: true });
    await claude("plugin", "marketplace", "add", projectRoot);
    await claude("plugin", "install", "mcp-dynamic-orchestrator");
  });

  afterAll(async () => {
    await closed?.[Symbol.asyncDispose]();
  });

  const listed = (more: Record<string, string>) =>
    run(program, ["mcp", "list"], { MCP_ORCHESTRATOR_URL: `${closed.url}/mcp`, XDG_STATE_HOME: home, ...more });

  it("is a copy of its own few files: not of the packages beside it, and not of what npm start keeps", {
    tags: ["claude-code"],
  }, async () => {
    const copies = await readdir(join(home, ".claude/plugins/cache"), { recursive: true });
    expect(copies.filter((file) => /SKILL\.md$|headers\.mjs$/.test(file))).toHaveLength(2);
    expect(copies.filter((file) => /node_modules|\.wrangler|\.dev\.vars/.test(file))).toEqual([]);
  });

  it("connects to npm start on this machine without a hand", { tags: ["access.local"] }, async () => {
    expect(await listed({ XDG_STATE_HOME: closed.stateHome })).toMatch(/^plugin:mcp-dynamic-orchestrator:.*Connected/m);
  });

  it("connects elsewhere with the token of MCP_ORCHESTRATOR_TOKEN, and not without", { tags: ["access.local"] }, async () => {
    expect(await listed({ MCP_ORCHESTRATOR_TOKEN: await closed.authToken() })).toMatch(
      /^plugin:mcp-dynamic-orchestrator:.*Connected/m,
    );
    expect(await listed({})).not.toMatch(/^plugin:mcp-dynamic-orchestrator:.*Connected/m);
  });
});

// Its login wants a terminal, which the program `script` of Linux lends it.
it.runIf(process.platform === "linux")("logs in to a Worker with OAuth", { tags: ["access.oauth"] }, async () => {
  const passphrase = "a passphrase of many characters";
  await using worker = await startWorkerWithLogin(passphrase);
  await claude("mcp", "add", "--transport", "http", "remote", `${worker.url}/mcp`);
  expect(await claude("mcp", "list")).toMatch(/^remote: .*Needs authentication/m);

  const address = Promise.withResolvers<string>();
  const login = startLogin("remote", address.resolve);
  const back = await fetch(await agreeToLogin(await address.promise, passphrase));
  expect(back.status).toBe(200);
  expect(await login).toContain('Authenticated with "remote"');
  expect(await claude("mcp", "list")).toMatch(/^remote: .*Connected/m);
});

/** @param onAddress gets the address that it would open in a browser */
async function startLogin(name: string, onAddress: (address: string) => void): Promise<string> {
  const running = promisify(execFile)("script", ["-qec", `${program} mcp login --no-browser ${name}`, "/dev/null"], {
    cwd: home,
    env: { ...environment(), TERM: "xterm" },
    timeout: installMs,
  });
  let text = "";
  running.child.stdout?.on("data", (chunk: string) => {
    text += chunk;
    const [address] = /http[\w:/.]+\/authorize\?[\w&=%.+~-]+/.exec(text) ?? [];
    // It listens for the browser's return from when it waits.
    if (address !== undefined && text.includes("paste the redirect URL")) onAddress(address);
  });
  return (await running).stdout;
}

it("receives a server's elicitation, and cancels it because it runs in a script", {
  tags: ["questions.asked"],
}, async () => {
  const execute = "mcp__orchestrator__execute_mcp_code";
  await using model = await startScriptedModel({ name: execute, input: { code: "return await tables.book({ table: '7' });" } });
  const servers = { mcpServers: { orchestrator: { type: "http", url: `${product.url}/mcp` } } };
  const config = ["--mcp-config", JSON.stringify(servers), "--strict-mcp-config", "--allowedTools", execute];
  await run(program, ["-p", "Book a table.", ...config], { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: "scripted" });

  expect(model.results).toEqual([expect.stringContaining("table 7: cancel")]);
});

/** @throws with its output if the exit code is not 0 */
async function claude(...args: string[]): Promise<string> {
  return run(program, args);
}

async function run(command: string, args: string[], more: Record<string, string> = {}): Promise<string> {
  const env = { ...environment(), ...more };
  const running = promisify(execFile)(command, args, { cwd: home ?? installation, env, timeout: installMs });
  // Otherwise it would wait for piped input.
  running.child.stdin?.end();
  const { stdout, stderr } = await running;
  return `${stdout}${stderr}`;
}

/** The configuration of the machine, and of a Claude Code that runs the tests, must not affect it. */
function environment(): Record<string, string> {
  const own = Object.entries(scriptEnvironment()).filter(([name]) => !/^(CLAUDE|ANTHROPIC_|MCP_)/.test(name));
  return {
    ...Object.fromEntries(own),
    ...(home === undefined ? {} : { HOME: home, CLAUDE_CONFIG_DIR: join(home, ".claude"), DISABLE_AUTOUPDATER: "1" }),
  };
}
