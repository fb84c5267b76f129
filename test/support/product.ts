import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { type BackgroundProcess, type SignalTarget, startBackground } from "./background-process.ts";
import { projectRoot } from "./project-root.ts";

export interface ProductOptions {
  /** A registry document or its text; the project's own registry by default. */
  registry?: object | string;
  /** Additional environment variables. */
  env?: Record<string, string>;
  /** Secrets of the Worker, written to a file beside the project's own. */
  secrets?: Record<string, string>;
  /** The port to listen on; a free one by default. */
  port?: number;
  /** Whether clients need a token, as they do of `npm start` itself. */
  isClosed?: boolean;
}

/** A running `npm start`. Disposing also deletes its storage. */
export interface Product extends BackgroundProcess {
  url: string;
  port: number;
  /** The token for a further bridge. */
  bridgeToken(): Promise<string>;
  /** The token for clients; empty unless it is closed. */
  authToken(): Promise<string>;
  /** Where the product keeps what other programs of the user read. */
  stateHome: string;
  /** Sends a signal, waits, and returns the exit code. The storage is kept for another start on the same port. */
  stop(name?: NodeJS.Signals, target?: SignalTarget): Promise<number | null>;
}

/** Starts the product and waits until it is ready. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const product = await launchProduct(options);
  try {
    await product.printed(/^Ready: .*[\s\S]*^Ctrl-C stops everything\.$/m);
    return product;
  } catch (error) {
    await product[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts the product without waiting. */
export async function launchProduct(options: ProductOptions = {}): Promise<Product> {
  const { registry, env = {}, secrets, port: wantedPort, isClosed = false } = options;
  const port = wantedPort ?? (await findFreePort());
  const started = await startBackground({
    args: async (folder) => [
      "bridge/main.mjs",
      "local",
      ...(isClosed || secrets?.AUTH_TOKEN !== undefined ? [] : ["--no-token"]),
      ...(registry === undefined ? [] : ["--registry", await writeRegistry(folder, registry)]),
      ...(secrets === undefined ? [] : ["--env-file", await writeSecrets(folder, secrets)]),
    ],
    env: () => ({ ...env, PORT: String(port) }),
  });
  const record = async (): Promise<{ bridgeToken?: string; authToken?: string }> =>
    JSON.parse(await readFile(join(projectRoot, ".wrangler", "local", String(port), "start.json"), "utf8"));
  return {
    ...started,
    url: `http://127.0.0.1:${port}`,
    port,
    bridgeToken: async () => (await record()).bridgeToken ?? "",
    authToken: async () => (await record()).authToken ?? "",
    stateHome: join(started.folder, "state"),
    stop(name = "SIGTERM", target = "process") {
      started.signal(name, target);
      return started.exited();
    },
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await rm(join(projectRoot, ".wrangler", "local", String(port)), { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function writeRegistry(folder: string, registry: object | string): Promise<string> {
  const path = join(folder, "registry.json");
  await writeFile(path, typeof registry === "string" ? registry : JSON.stringify(registry));
  return path;
}

async function writeSecrets(folder: string, secrets: Record<string, string>): Promise<string> {
  const path = join(folder, "secrets.env");
  await writeFile(
    path,
    Object.entries(secrets)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(""),
  );
  return path;
}
