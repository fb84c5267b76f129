import { z } from "zod";
import type { RegistryProblem } from "../../core/registry/registry.ts";
import type { BridgeServer } from "../../core/tunnel/frames.ts";
import { systemClock } from "../clock.ts";
import { localUrl } from "../local/local-url.ts";
import { type RegistryFile, readRegistryFile, rereadRegistryFile } from "../registry/registry-file.ts";
import { createStdioServers, type StdioServers } from "../stdio/servers.ts";
import type { CommandOption, World } from "./command.ts";

/** The option of every command that reads the registry. */
export const registryOption: CommandOption = {
  flags: "--registry <file>",
  description: "a registry file to use instead of the project's own",
};

export const onlyOption: CommandOption = {
  flags: "--only <ids>",
  description: "use only these servers: ids, separated by commas",
};

/** The values of the two options above. */
export const RegistryOptions = z.object({
  registry: z.string().optional(),
  only: z
    .string()
    .transform((ids) =>
      ids
        .split(",")
        .map((id) => id.trim())
        .filter((id) => id !== ""),
    )
    .optional(),
});
export type RegistryOptions = z.infer<typeof RegistryOptions>;

export interface OpenedRegistry {
  registry: RegistryFile;
  /** Reads the file again and logs its problems. Undefined when the file as a whole cannot be read. */
  reread(): Promise<RegistryFile | undefined>;
}

/**
 * Reads the registry a command works on and logs its problems and warnings. Entries without a problem are used.
 *
 * @param options.url the Worker that the bridge serves, if not the one on this machine: no entry may lead back to it
 */
export async function openRegistry(world: World, options: RegistryOptions & { url?: string }): Promise<OpenedRegistry> {
  const fileOptions = {
    projectRoot: world.projectRoot,
    workingDirectory: world.workingDirectory,
    file: options.registry,
    only: options.only,
    url: options.url ?? localUrl(world.environment),
  };
  const logAs = (severity: "problem" | "warning") => (problem: RegistryProblem) =>
    world.log({ event: "registry_problem", ...problem, severity });
  const registry = await readRegistryFile(fileOptions);
  registry.problems.forEach(logAs("problem"));
  registry.warnings.forEach(logAs("warning"));
  return { registry, reread: () => rereadRegistryFile(fileOptions, logAs("problem")) };
}

/** The registry's stdio servers, for one command. The caller calls `close` before it returns. */
export function openServers(world: World, registry: RegistryFile, onStatus: (server: BridgeServer) => void): StdioServers {
  return createStdioServers({
    servers: registry.servers,
    registryPath: registry.path,
    environment: world.environment,
    projectRoot: world.projectRoot,
    clock: systemClock,
    onStatus,
  });
}
