import { createHash } from "node:crypto";
import { type AdvertisedRegistry, advertise } from "../../core/registry/advertised-registry.ts";
import type { FileEntry, Registry } from "../../core/registry/registry.ts";
import type { StdioTransport } from "../../core/registry/transports.ts";

/**
 * What this bridge advertises of its registry to the Worker.
 *
 * @param isWhole it stands for the Worker's own, remote servers included: under `npm start`, where both read one file
 */
export function advertisedRegistry(registry: Registry<FileEntry>, { isWhole }: { isWhole: boolean }): AdvertisedRegistry {
  return advertise(registry, { isWhole, markOf });
}

/** A hash, so that nothing of the command can be read from it. Of variables only the names go in: their values may be secrets. */
function markOf({ command, args, cwd, env }: StdioTransport): string {
  const parts = [command, args, cwd, Object.keys(env).sort()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
