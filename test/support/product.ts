import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { type BackgroundProcess, type SignalTarget, startBackground } from "./background-process.ts";
import { projectRoot } from "./project-root.ts";

export interface ProductOptions {
  /** A registry document, or the text of one; the project's own when left out. */
  registry?: object | string;
  /** Added to the environment it runs in. */
  env?: Record<string, string>;
  /** The Worker's, from a file beside those of the project. */
  secrets?: Record<string, string>;
  /** Where it listens; a free port when left out. */
  port?: number;
}

/** One real `npm start`. Disposing also removes its storage. */
export interface Product extends BackgroundProcess {
  url: string;
  port: number;
  /** What another bridge of its presents. */
  bridgeToken(): Promise<string>;
  /** Signals, waits and gives the exit code; the storage stays for another start on the same port. */
  stop(name?: NodeJS.Signals, target?: SignalTarget): Promise<number | null>;
}

/** Starts the product and waits until it says that it is ready. */
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

/** Starts the product and waits for nothing. */
export async function launchProduct({ registry, env = {}, secrets, port: wantedPort }: ProductOptions = {}): Promise<Product> {
  const port = wantedPort ?? (await findFreePort());
  const started = await startBackground({
    args: async (folder) => [
      "bridge/cli.ts",
      "local",
      ...(registry === undefined ? [] : ["--registry", await writeRegistry(folder, registry)]),
      ...(secrets === undefined ? [] : ["--env-file", await writeSecrets(folder, secrets)]),
    ],
    env: () => ({ ...env, PORT: String(port) }),
  });
  return {
    ...started,
    url: `http://127.0.0.1:${port}`,
    port,
    async bridgeToken() {
      const tokens = await readFile(join(projectRoot, ".wrangler", "local", String(port), "tokens.env"), "utf8");
      return parseEnv(tokens).BRIDGE_TOKEN ?? "";
    },
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
