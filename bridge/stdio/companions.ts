import { createRequire } from "node:module";
import { basename, delimiter, dirname, join } from "node:path";

/**
 * The PATH for servers: first the user's Node, if it is new enough, then the programs installed with this project (the servers in its package.json, and ripgrep, which
 * mcp-ripgrep runs as `rg`), then the machine's own PATH.
 */
export function companionPath(
  projectRoot: string,
  { nodeFolder, machinePath }: { nodeFolder: string | undefined; machinePath: string | undefined },
): string {
  // Installed as a package, the servers are not below it but beside it.
  const beside = basename(dirname(projectRoot)) === "node_modules" ? join(dirname(projectRoot), ".bin") : undefined;
  return [nodeFolder, join(projectRoot, "node_modules", ".bin"), beside, ripgrepFolder(projectRoot), machinePath]
    .filter((part) => part !== undefined && part !== "")
    .join(delimiter);
}

/** Undefined where the package has no binary for this platform. Then the `rg` on the machine's PATH is used, if there is one. */
function ripgrepFolder(projectRoot: string): string | undefined {
  try {
    const loaded: unknown = createRequire(join(projectRoot, "package.json"))("@vscode/ripgrep");
    return hasRgPath(loaded) ? dirname(loaded.rgPath) : undefined;
  } catch {
    // Optional: a server that needs rg reports that it is missing.
    return undefined;
  }
}

function hasRgPath(value: unknown): value is { rgPath: string } {
  return typeof value === "object" && value !== null && "rgPath" in value && typeof value.rgPath === "string";
}
