import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Launch } from "../stdio/process-group.ts";
import { extraCertificates } from "./certificates.ts";
import { builtFolders, workerModules } from "./code-copy.ts";
import { entrypoints, launchWorkerd } from "./hosted-processes.ts";
import { mainConfig } from "./workerd-config.ts";

interface WorkerOptions {
  port: number;
  /** Holds the storage. */
  folder: string;
  registryText: string;
  /** PATH, HOME and similar variables. */
  environment: Record<string, string>;
}

interface StartOptions {
  /** Of configurations, sockets and code. */
  runFolder: string;
  compatibilityDate: string;
  secrets: ReadonlyMap<string, string>;
}

/** Writes the configuration of the main Worker. The secrets are in the environment of the process and not in its configuration, so that no file holds them. */
export async function launchWorker(
  { port, folder, registryText, environment }: WorkerOptions,
  { runFolder, compatibilityDate, secrets }: StartOptions,
): Promise<Launch> {
  const storage = join(folder, "state", "v3", "do");
  await mkdir(storage, { recursive: true, mode: 0o700 });
  const registry = "registry.json";
  await writeFile(join(runFolder, registry), registryText);
  const variables = new Map([...secrets.keys()].map((name, index) => [name, `SECRET_${index}`]));
  const certificates = await extraCertificates([environment.NODE_EXTRA_CA_CERTS, environment.SSL_CERT_FILE]);
  await writeFile(
    join(runFolder, "worker.capnp"),
    mainConfig({
      ...{ port, compatibilityDate, registry, secrets: variables, entrypoints, certificates },
      modules: await workerModules(runFolder),
      assets: join(runFolder, builtFolders.console, ".."),
      storage: relative(runFolder, storage),
    }),
  );
  const values = Object.fromEntries([...variables].map(([name, variable]) => [variable, secrets.get(name) ?? ""]));
  return launchWorkerd("worker.capnp", { folder: runFolder, environment: { ...environment, ...values } });
}
