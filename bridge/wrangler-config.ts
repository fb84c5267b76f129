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
});

export interface LocalConfigs {
  orchestrator: string;
  sandbox: string;
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
 * wrangler.toml as two Workers: the orchestrator without the Loader, and the sandbox with nothing but it, joined by the
 * service binding. One file stays the source of both.
 */
export async function writeLocalConfigs({ projectRoot, folder, variables }: LocalConfigOptions): Promise<LocalConfigs> {
  const file = WranglerFile.parse(parse(await readFile(join(projectRoot, "wrangler.toml"), "utf8")));
  const { worker_loaders: loaders, services, dev: _dev, ...shared } = file;
  const orchestrator = {
    ...shared,
    main: resolve(projectRoot, file.main),
    vars: variables,
    services: services.map((service) => (service.binding === "SANDBOX" ? { ...service, service: sandboxName } : service)),
  };
  const sandbox = {
    name: sandboxName,
    main: join(projectRoot, "worker/sandbox/index.ts"),
    compatibility_date: file.compatibility_date,
    rules: file.rules,
    worker_loaders: loaders,
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const write = async (name: string, config: object) => {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(config, null, 2), { mode: 0o600 });
    return path;
  };
  return {
    orchestrator: await write("orchestrator.json", orchestrator),
    sandbox: await write("sandbox.json", sandbox),
  };
}
