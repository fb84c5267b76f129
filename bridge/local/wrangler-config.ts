import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { registryPath } from "../../core/registry/registry.ts";

/** What of wrangler.toml is changed for running locally; the rest is passed on as it stands. */
const WranglerFile = z.looseObject({
  name: z.string(),
  main: z.string(),
  compatibility_date: z.string(),
  services: z.array(z.looseObject({ binding: z.string() })).default([]),
  assets: z.looseObject({ directory: z.string() }),
});
type WranglerFile = z.infer<typeof WranglerFile>;

/** The Workers that run apart from the sessions, by the names under which service bindings find them. */
export const apartWorkers = {
  sandbox: "mcp-orchestrator-sandbox",
  spare: "mcp-orchestrator-sandbox-spare",
  compiler: "mcp-orchestrator-compiler",
} as const;

export interface LocalConfig {
  /** As wrangler's dev registry knows the orchestrator. */
  name: string;
  compatibilityDate: string;
  /** Absolute. */
  assetsFolder: string;
  /** The configuration file for wrangler dev. */
  path: string;
}

export interface LocalConfigOptions {
  projectRoot: string;
  /** Where the file is written. */
  folder: string;
  /** Become variables of the Worker. The file is readable by its owner alone. */
  variables: Record<string, string>;
}

/**
 * wrangler.toml for this machine: the orchestrator without Loader and assets, and with bindings to Workers in processes of their
 * own instead. What its build command makes is made before.
 */
export async function writeLocalConfig({ projectRoot, folder, variables }: LocalConfigOptions): Promise<LocalConfig> {
  const declared = WranglerFile.parse(parse(await readFile(join(projectRoot, "wrangler.toml"), "utf8")));
  const { worker_loaders: _loaders, assets, services, dev: _dev, build: _build, ...shared } = declared;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const noRegistry = join(folder, "no-registry.mjs");
  await writeFile(noRegistry, 'export default "";\n');
  const orchestrator = {
    ...shared,
    // wrangler restarts the Worker, and loses what runs, when a file it built in changes. Here the registry comes as a variable,
    // and its changes through the bridge.
    alias: { [builtInRegistry]: noRegistry },
    main: resolve(projectRoot, declared.main),
    vars: variables,
    services: localServices(services),
  };
  const path = join(folder, "orchestrator.json");
  await writeFile(path, JSON.stringify(orchestrator, null, 2), { mode: 0o600 });
  return {
    name: declared.name,
    compatibilityDate: declared.compatibility_date,
    assetsFolder: resolve(projectRoot, assets.directory),
    path,
  };
}

/** As worker/registry.ts imports it. */
const builtInRegistry = `../${registryPath}`;

function localServices(services: WranglerFile["services"]): object[] {
  const moved = services.map((service) =>
    service.binding === "COMPILER" ? { ...service, service: apartWorkers.compiler } : service,
  );
  const sandboxes = { SANDBOX: apartWorkers.sandbox, SANDBOX_SPARE: apartWorkers.spare };
  return [...moved, ...Object.entries(sandboxes).map(([binding, service]) => ({ binding, service, entrypoint: "Sandbox" }))];
}
