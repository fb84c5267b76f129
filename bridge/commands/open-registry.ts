import { join } from "node:path";
import { z } from "zod";
import type { ProblemPlace } from "../../core/registry/problem-place.ts";
import type { RegistryProblem } from "../../core/registry/registry.ts";
import type { BridgeServer } from "../../core/tunnel/frames.ts";
import { systemClock } from "../clock.ts";
import { homeOf } from "../home.ts";
import { localUrl } from "../local/local-url.ts";
import { envFileBeside, withEnvFiles } from "../registry/env-file.ts";
import { makeFirstRegistry } from "../registry/first-registry.ts";
import { type RegistryFile, readRegistryFile, rereadRegistryFile } from "../registry/registry-file.ts";
import { createStdioServers, type StdioServers } from "../stdio/servers.ts";
import { userNodeFolder } from "../stdio/user-node.ts";
import type { CommandOption, World } from "./command.ts";

/** The option of every command that reads the registry. */
export const registryOption: CommandOption = {
  flags: "--registry <file>",
  description: "a registry file to use instead of the project's own",
};

/** The option of the commands that serve scripts. */
export const scriptsOption: CommandOption = {
  flags: "--scripts <folder>",
  description: "the folder of scripts (default: scripts/ beside the registry file)",
};

export const onlyOption: CommandOption = {
  flags: "--only <ids>",
  description: "use only these servers: ids, separated by commas",
};

/** The option of the commands whose whole answer is a table. */
export const jsonOption: CommandOption = { flags: "--json", description: "print JSON" };

/** The values of the options of a registry. */
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
  const home = homeOf(world);
  if (options.registry === undefined && (await makeFirstRegistry(home, world.projectRoot))) {
    world.writeStderr(`Your registry of MCP servers is ${home.registry}\n`);
  }
  const fileOptions = {
    projectRoot: world.projectRoot,
    workingDirectory: world.workingDirectory,
    file: options.registry ?? (home.isPackage ? home.registry : undefined),
    only: options.only,
    url: options.url ?? localUrl(world.environment),
  };
  const report = (problem: Located, severity: "problem" | "warning") =>
    world.log({ event: "registry_problem", ...problem, severity });
  const registry = await readRegistryFile(fileOptions);
  const locate = (problem: RegistryProblem): Located => ({ ...problem, ...registry.placeOf(problem.path) });
  let known = registry.problems.map(locate);
  for (const problem of known) report(problem, "problem");
  for (const warning of registry.warnings) report(locate(warning), "warning");
  let warned = new Set(registry.warnings.map((warning) => JSON.stringify(warning)));
  return {
    registry,
    async reread() {
      const found: Located[] = [];
      const next = await rereadRegistryFile(fileOptions, (problem) => found.push(problem));
      for (const problem of found) report(problem, "problem");
      // Nothing is known of the entries of a file that cannot be read as a whole, as in the middle of an edit.
      if (next === undefined) {
        known = [...known, ...found.filter((problem) => !known.some((other) => isSameProblem(problem, other)))];
        return undefined;
      }
      const mended = known.filter((problem) => !found.some((other) => isSameProblem(problem, other)));
      for (const warning of next.warnings) {
        if (!warned.has(JSON.stringify(warning))) report({ ...warning, ...next.placeOf(warning.path) }, "warning");
      }
      warned = new Set(next.warnings.map((warning) => JSON.stringify(warning)));
      if (mended.length > 0) world.log({ event: "registry_mended", problems: mended, left: found.length });
      known = found;
      return next;
    },
  };
}

type Located = RegistryProblem & ProblemPlace;

/** An entry that moves within the file takes its problems along. */
function isSameProblem(a: Located, b: Located): boolean {
  const identity = ({ server, path, message }: Located) => [
    server,
    server === undefined ? path : path.replace(/^servers\[\d+\]/, ""),
    message,
  ];
  return JSON.stringify(identity(a)) === JSON.stringify(identity(b));
}

/** The project's .env and the one beside the registry file, which overrides it. */
export function envFilesOf(world: World, { absolutePath }: Pick<RegistryFile, "absolutePath">): string[] {
  return [join(homeOf(world).folder, ".env"), envFileBeside(absolutePath)];
}

/** The registry's stdio servers, for one command. The caller calls `close` before it returns. */
export function openServers(world: World, registry: RegistryFile, onStatus: (server: BridgeServer) => void): StdioServers {
  return createStdioServers({
    servers: registry.servers,
    registryPath: registry.path,
    environment: withEnvFiles(world.environment, envFilesOf(world, registry)),
    projectRoot: homeOf(world).folder,
    programFolder: world.projectRoot,
    nodeFolder: userNodeFolder(world.projectRoot, world.environment("PATH")),
    clock: systemClock,
    onStatus,
  });
}
