import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";

/** What of wrangler.toml is changed for running locally; the rest is passed on as it stands. */
const WranglerFile = z.looseObject({
  name: z.string(),
  main: z.string(),
  compatibility_date: z.string(),
  services: z.array(z.looseObject({ binding: z.string() })).default([]),
  worker_loaders: z.array(z.unknown()).default([]),
  rules: z.array(z.unknown()).default([]),
  assets: z.looseObject({ directory: z.string() }),
});

export interface LocalWorker {
  /** As service bindings and wrangler's dev registry know it. */
  name: string;
  /** Its configuration file. */
  config: string;
}

export interface LocalWorkers {
  orchestrator: LocalWorker;
  sandbox: LocalWorker;
}

export interface LocalConfigOptions {
  projectRoot: string;
  /** Where the two files are written. */
  folder: string;
  /** Become variables of the Worker. The files are readable by their owner alone. */
  variables: Record<string, string>;
}

const sandboxName = "mcp-orchestrator-sandbox";

/**
 * wrangler.toml as two Workers: the orchestrator without the Loader, and the sandbox with that and the compiler's assets, joined
 * by the service binding. One file stays the source of both. What its build command makes is made before.
 */
export async function writeLocalConfigs({ projectRoot, folder, variables }: LocalConfigOptions): Promise<LocalWorkers> {
  const declared = WranglerFile.parse(parse(await readFile(join(projectRoot, "wrangler.toml"), "utf8")));
  const { worker_loaders: loaders, assets, services, dev: _dev, build: _build, ...shared } = declared;
  const orchestrator = {
    ...shared,
    main: resolve(projectRoot, declared.main),
    vars: variables,
    services: services.map((service) => (service.binding === "SANDBOX" ? { ...service, service: sandboxName } : service)),
  };
  const sandbox = {
    name: sandboxName,
    main: join(projectRoot, "worker/sandbox/index.ts"),
    compatibility_date: declared.compatibility_date,
    rules: declared.rules,
    worker_loaders: loaders,
    assets: { ...assets, directory: resolve(projectRoot, assets.directory) },
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const write = async (file: string, config: { name: string }): Promise<LocalWorker> => {
    const path = join(folder, file);
    await writeFile(path, JSON.stringify(config, null, 2), { mode: 0o600 });
    return { name: config.name, config: path };
  };
  return {
    orchestrator: await write("orchestrator.json", orchestrator),
    sandbox: await write("sandbox.json", sandbox),
  };
}
