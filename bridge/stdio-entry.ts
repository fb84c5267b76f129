import { OrchestratorError } from "../core/errors.ts";
import { isStdioEntry, type StdioEntry } from "./launch.ts";
import type { RegistryFile } from "./registry-file.ts";

/** The stdio entry of that id, or an OrchestratorError that says what there is instead. */
export function requireStdioEntry(registry: RegistryFile, id: string): StdioEntry {
  const entry = registry.servers.find((server) => server.id === id);
  if (entry === undefined) {
    const known = registry.servers.map((server) => server.id).join(", ");
    throw new OrchestratorError("server_unknown", `No server "${id}" in ${registry.path}. It has: ${known}.`, { server: id });
  }
  if (!isStdioEntry(entry)) {
    throw new OrchestratorError(
      "server_unavailable",
      `${id} is reached by the Worker over ${entry.mcp.transport}, not by the bridge. Ask the Worker for it.`,
      {
        server: id,
      },
    );
  }
  return entry;
}
