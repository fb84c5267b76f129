import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { z } from "zod";
import { findFreePort } from "../../bridge/local/free-port.ts";

/** The published reference server. */
export const everythingProgram = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/server-everything/dist/index.js", import.meta.url),
);

/** A client of the SDK, as an agent would use it. */
export interface DirectClient extends AsyncDisposable {
  echo(message: string): Promise<string>;
}

/** Starts the server and connects to it over a pipe. */
export function connectOverStdio(): Promise<DirectClient> {
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" };
  return connect(new StdioClientTransport({ command: process.execPath, args: [everythingProgram], env, stderr: "ignore" }));
}

export function connectOverHttp(url: URL): Promise<DirectClient> {
  return connect(new StreamableHTTPClientTransport(url));
}

const Echoed = z.object({ content: z.tuple([z.object({ text: z.string() })]) });

async function connect(transport: Transport): Promise<DirectClient> {
  const client = new Client({ name: "bench", version: "1" });
  await client.connect(transport);
  return {
    async echo(message) {
      return Echoed.parse(await client.callTool({ name: "echo", arguments: { message } })).content[0].text;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Starts the server over Streamable HTTP in its own process. */
export async function serveEverything(): Promise<AsyncDisposable & { url: URL }> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [everythingProgram, "streamableHttp"], {
    // The server logs each request to stdout, which is ignored.
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PORT: String(port) },
  });
  const exited = once(child, "exit");
  const { promise: isListening, resolve, reject } = Promise.withResolvers<void>();
  child.stderr.on("data", (chunk) => {
    if (String(chunk).includes(String(port))) resolve();
  });
  void exited.then(([code]) => reject(new Error(`server-everything exited with code ${code} while it started`)));
  await isListening;
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
