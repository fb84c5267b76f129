import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { registryPath } from "../../core/registry/registry.ts";

/** The parts of wrangler.toml that are changed for a local start. The rest is passed on unchanged. */
const WranglerFile = z.looseObject({
  name: z.string(),
  main: z.string(),
  compatibility_date: z.string(),
  services: z.array(z.looseObject({ binding: z.string() })).default([]),
  assets: z.looseObject({ directory: z.string() }),
});
type WranglerFile = z.infer<typeof WranglerFile>;

/** The Workers that the sandbox host runs. Service bindings find them by these names. */
export const hostedWorkers = {
  sandbox: "mcp-orchestrator-sandbox",
  spare: "mcp-orchestrator-sandbox-spare",
  compiler: "mcp-orchestrator-compiler",
} as const;

export interface LocalConfig {
  /** The orchestrator's name in wrangler's dev registry. */
  name: string;
  compatibilityDate: string;
  /** An absolute path. */
  assetsFolder: string;
  /** The configuration file for `wrangler dev`. */
  path: string;
}

export interface LocalConfigOptions {
  projectRoot: string;
  /** The folder that the file is written to. */
  folder: string;
  /** Variables of the Worker. The file is readable by its owner alone. */
  variables: Record<string, string>;
}

/**
 * Writes wrangler.toml's configuration for a local start: the orchestrator without Worker Loader and assets, and with service
 * bindings to the Workers of the sandbox host instead. The caller has already run the build command.
 */
export async function writeLocalConfig({ projectRoot, folder, variables }: LocalConfigOptions): Promise<LocalConfig> {
  const declared = WranglerFile.parse(parse(await readFile(join(projectRoot, "wrangler.toml"), "utf8")));
  const { worker_loaders: _loaders, assets, services, dev: _dev, build: _build, ...shared } = declared;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const noRegistry = join(folder, "no-registry.mjs");
  await writeFile(noRegistry, 'export default "";\n');
  const orchestrator = {
    ...shared,
    // wrangler restarts the Worker, and so ends its runs, when a bundled file changes. So the registry is not bundled: its text is
    // a variable, and its changes arrive through the bridge.
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

/** The specifier by which worker/registry.ts imports it. */
const builtInRegistry = `../${registryPath}`;

function localServices(services: WranglerFile["services"]): object[] {
  const redirected = services.map((service) =>
    service.binding === "COMPILER" ? { ...service, service: hostedWorkers.compiler } : service,
  );
  const sandboxes = { SANDBOX: hostedWorkers.sandbox, SANDBOX_SPARE: hostedWorkers.spare };
  return [...redirected, ...Object.entries(sandboxes).map(([binding, service]) => ({ binding, service, entrypoint: "Sandbox" }))];
}
