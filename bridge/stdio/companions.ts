import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

/**
 * The PATH that servers are found on: first the programs this project brings along (the servers in its package.json,
 * and ripgrep, which mcp-ripgrep calls as `rg`), then the machine's own.
 */
export function companionPath(projectRoot: string, machinePath: string | undefined): string {
  return [join(projectRoot, "node_modules", ".bin"), ripgrepFolder(projectRoot), machinePath]
    .filter((part) => part !== undefined && part !== "")
    .join(delimiter);
}

/** Undefined where the package has no binary for this platform: then a machine's own `rg` serves, or none. */
function ripgrepFolder(projectRoot: string): string | undefined {
  try {
    const loaded: unknown = createRequire(join(projectRoot, "package.json"))("@vscode/ripgrep");
    return hasRgPath(loaded) ? dirname(loaded.rgPath) : undefined;
  } catch {
    // Optional by nature: a server that needs rg says so itself.
    return undefined;
  }
}

function hasRgPath(value: unknown): value is { rgPath: string } {
  return typeof value === "object" && value !== null && "rgPath" in value && typeof value.rgPath === "string";
}
