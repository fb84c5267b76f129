import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Environment } from "../core/registry/interpolation.ts";
import { registryPath } from "../core/registry/registry.ts";

/** Where the files are that belong to the user, and not to the program. */
export interface Home {
  /** Servers start here, and find it as MCP_PROJECT_ROOT; .env and .dev.vars are here. */
  folder: string;
  registry: string;
  /** State, logs and generated secrets of each start. */
  state: string;
  /** Installed from a package: the folder of the program may be read-only, and another one tomorrow. */
  isPackage: boolean;
}

export interface Place {
  /** The folder that holds bridge/ and dist/. */
  projectRoot: string;
  environment: Environment;
}

/** In a checkout they are in the project's folder; of a package, where programs of the user keep theirs (XDG Base Directory). */
export function homeOf({ projectRoot, environment }: Place): Home {
  if (basename(dirname(projectRoot)) !== "node_modules") {
    return {
      folder: projectRoot,
      registry: join(projectRoot, registryPath),
      state: join(projectRoot, ".wrangler", "local"),
      isPackage: false,
    };
  }
  const folder = join(environment("XDG_CONFIG_HOME") || join(userFolder(environment), ".config"), name);
  return { folder, registry: join(folder, "mcp.registry.json"), state: join(userState(environment), "local"), isPackage: true };
}

/** What programs of this user keep for one another, whichever installation they are of. */
export function userState(environment: Environment): string {
  return join(environment("XDG_STATE_HOME") || join(userFolder(environment), ".local", "state"), name);
}

const name = "mcp-dynamic-orchestrator";

function userFolder(environment: Environment): string {
  return environment("HOME") || homedir();
}
