import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

export const executorVersion = "1.5.9";

/** Runs code in QuickJS, in one process. */
export interface Executor extends AsyncDisposable {
  run(code: string): Promise<unknown>;
}

/** Installs the peer below bench/node_modules if it is not there, and starts it as an MCP server over stdio. Undefined when it cannot be installed. */
export async function openExecutor(onStep: (title: string) => void): Promise<Executor | undefined> {
  const folder = fileURLToPath(new URL("../node_modules/.executor", import.meta.url));
  const program = join(folder, "node_modules/.bin/executor");
  if (!existsSync(program) && !(await install(folder, onStep))) return undefined;
  const home = await mkdtemp(join(tmpdir(), "bench-executor-"));
  const client = new Client({ name: "bench", version: "1" });
  const env = { PATH: process.env.PATH ?? "", HOME: home };
  await client.connect(new StdioClientTransport({ command: program, args: ["mcp"], env, cwd: home, stderr: "ignore" }));
  return {
    run: (code) => client.callTool({ name: "execute", arguments: { code } }),
    async [Symbol.asyncDispose]() {
      await client.close();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function install(folder: string, onStep: (title: string) => void): Promise<boolean> {
  onStep(`installing executor ${executorVersion}`);
  await mkdir(folder, { recursive: true });
  const options = ["--prefix", folder, "--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
  const npm = spawn("npm", ["install", ...options, `executor@${executorVersion}`], { stdio: ["ignore", 2, 2] });
  const [exitCode] = await once(npm, "exit");
  return exitCode === 0;
}
