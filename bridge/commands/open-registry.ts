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
  description: "another registry than the project's own",
};

export const onlyOption: CommandOption = {
  flags: "--only <ids>",
  description: "these servers alone, separated by commas",
};

/** The same two as they arrive. */
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
  /** The file as it is now; undefined while it cannot be read as a whole. Tells what is wrong in it. */
  reread(): Promise<RegistryFile | undefined>;
}

/**
 * Opens the registry a command works on and tells what is wrong in it; the rest of it works.
 *
 * @param options.url the Worker that is served, where it is not the one of this machine: no entry may lead back to it
 */
export async function openRegistry(world: World, options: RegistryOptions & { url?: string }): Promise<OpenedRegistry> {
  const fileOptions = {
    projectRoot: world.projectRoot,
    workingDirectory: world.workingDirectory,
    file: options.registry,
    only: options.only,
    url: options.url ?? localUrl(world.environment),
  };
  const tell = (severity: "problem" | "warning") => (problem: RegistryProblem) =>
    world.log({ event: "registry_problem", ...problem, severity });
  const registry = await readRegistryFile(fileOptions);
  registry.problems.forEach(tell("problem"));
  registry.warnings.forEach(tell("warning"));
  return { registry, reread: () => rereadRegistryFile(fileOptions, tell("problem")) };
}

/** The registry's stdio servers, for one command; `close` them before it ends. */
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
