import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { z } from "zod";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { everythingProgram } from "../upstream/everything.ts";

const readyMs = 120_000;

const Answer = z.looseObject({ structuredContent: z.unknown() });
const Ended = z.looseObject({ ok: z.literal(true) });

/** A running `npm start` of some checkout of the project. */
export interface Product extends AsyncDisposable {
  /** Of npm; all processes of the product descend from it, or carry its mark. */
  pid: number;
  /** From the command to the line "Ready". */
  startedMs: number;
  list(): Promise<unknown>;
  /** Throws when the program fails. */
  run(code: string): Promise<unknown>;
}

/** Starts a checkout with one stdio server, "pipe", and connects to it as an agent would. */
export async function startProduct(root: string, folder: string): Promise<Product> {
  const registry = join(folder, "registry.json");
  const secrets = join(folder, "secrets.env");
  const token = randomBytes(32).toString("base64url");
  const mcp = { transport: "stdio", command: process.execPath, args: [everythingProgram] };
  // The limits are for runaway loops; these loops are intended.
  const limits = { callsPerMinute: 1_000_000, callsPerRun: 1_000_000 };
  const pipe = { id: "pipe", title: "pipe", summary: "server-everything over a pipe.", mcp, limits };
  await writeFile(registry, JSON.stringify({ servers: [pipe] }));
  await writeFile(secrets, `AUTH_TOKEN=${token}\n`);
  const port = await findFreePort();
  const startedAt = performance.now();
  const child = spawn("npm", ["start", "--", "--registry", registry, "--env-file", secrets], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORT: String(port), PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` },
  });
  const stop = async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    process.kill(-child.pid, "SIGINT");
    await once(child, "exit");
  };
  try {
    await printed(child, /^Ready: /m);
    const startedMs = performance.now() - startedAt;
    const client = new Client({ name: "bench", version: "1" });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      }),
    );
    const call = async (name: string, args: Record<string, unknown>) =>
      Answer.parse(await client.callTool({ name, arguments: args })).structuredContent;
    return {
      pid: child.pid ?? 0,
      startedMs,
      list: () => call("list_mcp_capabilities", {}),
      run: async (code) => Ended.parse(await call("execute_mcp_code", { code, maxRuntimeMs: 60_000 })),
      async [Symbol.asyncDispose]() {
        await client.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function printed(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`npm start did not become ready. It printed:\n${text}`)), readyMs);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      text += String(chunk);
      if (pattern.test(text)) resolve();
    });
  }
  child.once("exit", () => reject(new Error(`npm start ended. It printed:\n${text}`)));
  await promise.finally(() => clearTimeout(timer));
}
