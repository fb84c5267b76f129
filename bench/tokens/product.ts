import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { z } from "zod";
import { findFreePort } from "../../bridge/local/free-port.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readyMs = 120_000;

const Answer = z.looseObject({ structuredContent: z.unknown(), isError: z.boolean().optional() });
const Listing = z.object({ servers: z.array(z.object({ id: z.string(), status: z.string() })) });

/** A client of a running product. */
export interface OpenProduct extends AsyncDisposable {
  client: Client;
  /** Calls a tool and returns what the model reads: the structured content, as Claude Code shows it. */
  call(name: string, args: Record<string, unknown>): Promise<unknown>;
}

export interface Product extends OpenProduct {
  /** Its MCP endpoint. */
  url: URL;
  /** All of its processes descend from this one. */
  pid: number;
}

/** Starts the orchestrator as `npm start` does, with these entries, and waits until every listed server is ready. */
export async function startProduct(servers: readonly object[], folder: string): Promise<Product> {
  const registry = join(folder, "registry.json");
  await writeFile(registry, JSON.stringify({ servers }));
  const port = await findFreePort();
  const child = spawn(process.execPath, ["bridge/main.mjs", "local", "--no-token", "--registry", registry], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`, PORT: String(port) },
  });
  const stop = async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  try {
    await printed(child.stdout, /Ctrl-C stops everything/);
    const url = new URL(`http://127.0.0.1:${port}/mcp`);
    const product = await connectTo(url);
    await allListed(product.call);
    return {
      ...product,
      url,
      pid: child.pid ?? 0,
      async [Symbol.asyncDispose]() {
        await product[Symbol.asyncDispose]();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Connects to the MCP endpoint of a running orchestrator. */
export async function connectTo(url: URL): Promise<OpenProduct> {
  const client = new Client({ name: "bench", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(url));
  return {
    client,
    async call(name, args) {
      const { structuredContent, isError } = Answer.parse(await client.callTool({ name, arguments: args }));
      if (isError === true) throw new Error(`${name} refused ${JSON.stringify(args)}: ${JSON.stringify(structuredContent)}`);
      return structuredContent;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function printed(output: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`npm start did not become ready. It printed:\n${text}`)), readyMs);
  output.on("data", (chunk) => {
    text += String(chunk);
    if (pattern.test(text)) resolve();
  });
  output.on("end", () => reject(new Error(`npm start ended. It printed:\n${text}`)));
  await promise.finally(() => clearTimeout(timer));
}

async function allListed(call: Product["call"]): Promise<void> {
  const deadline = Date.now() + readyMs;
  while (Date.now() < deadline) {
    const { servers } = Listing.parse(await call("list_mcp_capabilities", { detail: "minimal" }));
    if (servers.every(({ status }) => status === "ready")) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("not every server listed its tools in time");
}
