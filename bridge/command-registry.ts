import { z } from "zod";
import type { RegistryProblem } from "../core/registry.ts";
import type { BridgeServer } from "../core/tunnel.ts";
import type { CommandOption, World } from "./command.ts";
import { type RegistryFile, readRegistryFile } from "./registry-file.ts";
import { createStdioServers, type StdioServers } from "./stdio-servers.ts";

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

/** Reads the registry a command works on and tells what is wrong in it; the rest of it works. */
export async function openRegistry(world: World, options: RegistryOptions): Promise<RegistryFile> {
  const registry = await readRegistryFile({
    projectRoot: world.projectRoot,
    workingDirectory: world.workingDirectory,
    file: options.registry,
    only: options.only,
  });
  const tell = (severity: "problem" | "warning") => (problem: RegistryProblem) =>
    world.log({ event: "registry_problem", ...problem, severity });
  registry.problems.forEach(tell("problem"));
  registry.warnings.forEach(tell("warning"));
  return registry;
}

/** The registry's stdio servers, for one command; `close` them before it ends. */
export function openServers(world: World, registry: RegistryFile, onStatus: (server: BridgeServer) => void): StdioServers {
  return createStdioServers({
    servers: registry.servers,
    registryPath: registry.path,
    environment: world.environment,
    projectRoot: world.projectRoot,
    onStatus,
  });
}
