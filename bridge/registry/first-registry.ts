import { constants, existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { registryPath } from "../../core/registry/registry.ts";
import type { Home } from "../home.ts";

/** The user's registry, where a package has none yet: a copy of the one that it brings, with its schema. Whether it was made. */
export async function makeFirstRegistry(home: Home, projectRoot: string): Promise<boolean> {
  if (!home.isPackage || existsSync(home.registry)) return false;
  const folder = dirname(home.registry);
  await mkdir(folder, { recursive: true });
  for (const file of ["mcp.registry.schema.json", "mcp.registry.json"]) {
    await copyFile(join(projectRoot, dirname(registryPath), file), join(folder, file), constants.COPYFILE_EXCL).catch(
      keepExisting,
    );
  }
  return true;
}

/** Another start has made it at the same time, or an earlier one was interrupted. */
function keepExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
