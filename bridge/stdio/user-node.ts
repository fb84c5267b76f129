import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { delimiter, join, sep } from "node:path";

/** Servers that are started with npx today want at least this one. */
const majorMin = 22;
const versionMs = 5_000;

/**
 * A folder that holds the user's own Node and nothing else, to be put first on the PATH of servers: the folder with this project's
 * programs holds a Node too, which would hide it. Undefined where there is none outside of node_modules, or an old one.
 */
export function userNodeFolder(projectRoot: string, path: string | undefined): string | undefined {
  // Windows lets only administrators make links.
  if (process.platform === "win32") return undefined;
  const node = (path ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.split(sep).includes("node_modules"))
    .map((folder) => join(folder, "node"))
    .find((file) => existsSync(file));
  return node !== undefined && majorOf(node) >= majorMin ? folderFor(node, projectRoot) : undefined;
}

function majorOf(node: string): number {
  try {
    const version = execFileSync(node, ["--version"], {
      encoding: "utf8",
      timeout: versionMs,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
  } catch {
    // It does not run, so it is of no use to servers either.
    return 0;
  }
}

function folderFor(node: string, projectRoot: string): string | undefined {
  const folder = join(projectRoot, "node_modules", ".cache", "mcp-bridge", "bin");
  const link = join(folder, "node");
  try {
    if (existsSync(link) && readlinkSync(link) === node) return folder;
    mkdirSync(folder, { recursive: true });
    const draft = `${link}.${process.pid}`;
    symlinkSync(node, draft);
    renameSync(draft, link);
    return folder;
  } catch {
    // A read-only installation: servers run under this project's Node, as they do without one of the user's.
    return undefined;
  }
}
