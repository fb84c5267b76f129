import { createHash } from "node:crypto";
import type { Registry, ServerEntry } from "../../core/registry/registry.ts";
import { type AnnouncedRegistry, announce } from "../../core/registry/session-registry.ts";

/**
 * What the Worker is told of this registry.
 *
 * @param isWhole it stands for the Worker's own, remote servers included: under `npm start`, where both read one file
 */
export function announcementOf(registry: Registry, { isWhole }: { isWhole: boolean }): AnnouncedRegistry {
  return announce(registry, { isWhole, markOf });
}

/** Nothing of the command can be read from it, and the values of variables, secrets among them, are not even in it. */
function markOf({ mcp }: ServerEntry): string {
  const parts = mcp.transport === "stdio" ? [mcp.command, mcp.args, mcp.cwd, Object.keys(mcp.env).sort()] : [];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
