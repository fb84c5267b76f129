import { resolve } from "node:path";
import { limits } from "../../core/limits.ts";
import { type Environment, interpolate, interpolateRecord } from "../../core/registry/interpolation.ts";
import { type Secret, secretsOf } from "../../core/registry/redaction.ts";
import type { FileEntry } from "../../core/registry/registry.ts";
import { bridgeMark } from "../bridge-mark.ts";
import { companionPath } from "./companions.ts";
import { networkEnvironment, proxyPasswords } from "./network-environment.ts";
import type { Launch } from "./process-group.ts";
import { stdioLimits } from "./stdio-limits.ts";

export type StdioEntry = FileEntry & { mcp: { transport: "stdio" } };

export function isStdioEntry(entry: FileEntry): entry is StdioEntry {
  return entry.mcp.transport === "stdio";
}

/**
 * `${env:MCP_PROJECT_ROOT}` is the project's folder. Needed because some servers resolve a relative path against their
 * installation folder instead of their working directory, as server-memory does with MEMORY_FILE_PATH.
 */
export const projectRootName = "MCP_PROJECT_ROOT";

/** Programs that install a server before they start it. The first time, that takes minutes. */
const installers =
  /(?:^|[\s/\\])(?:npx|pnpx|bunx|uvx|pipx|dnx|docker|podman|nerdctl|(?:npm|pnpm|yarn|bun|uv|deno|go|cargo|dotnet|nix) (?:exec|dlx|x|run|tool))(?:\.cmd|\.exe)?(?:\s|$)/i;

/** Time for the handshake of a server, from its start on. */
export function startTimeoutOf({ limits: own, mcp }: StdioEntry): number {
  // A shell may stand before the installer, as in `sh -c "npx …"`.
  const isInstalled = installers.test([mcp.command, ...mcp.args].join(" "));
  return own.startTimeoutMs ?? (isInstalled ? limits.installedStartMs : stdioLimits.serverStartMs);
}

export interface LaunchOptions {
  entry: StdioEntry;
  /** The bridge's own environment. */
  environment: Environment;
  projectRoot: string;
  /** The folder with the programs that are installed beside this one, if it is another. */
  programFolder?: string | undefined;
  /** From userNodeFolder. */
  nodeFolder?: string | undefined;
}

/**
 * What to start for a registry entry, and which environment variables are missing for it. A server gets a minimal environment
 * and the variables that its entry names, so that it does not see the bridge's tokens.
 */
export function planLaunch(options: LaunchOptions): { launch: Launch; missing: string[]; secrets: Secret[] } {
  const { entry, projectRoot, programFolder = projectRoot, nodeFolder } = options;
  const environment: Environment = (name) => (name === projectRootName ? projectRoot : options.environment(name));
  const args = entry.mcp.args.map((arg) => interpolate(arg, environment));
  const env = interpolateRecord(entry.mcp.env, environment);
  const minimal = minimalEnvironment(environment, { programFolder, nodeFolder });
  const launch = {
    command: entry.mcp.command,
    args: args.map((arg) => arg.value),
    cwd: resolve(projectRoot, entry.mcp.cwd ?? "."),
    env: { ...minimal, ...env.value },
  };
  const missing = [...new Set([...args.flatMap((arg) => arg.missing), ...env.missing])];
  return { launch, missing, secrets: [...secretsOf(entry, environment), ...proxyPasswords(minimal)] };
}

/** Variables that most programs need: paths, user, locale. */
const inherited = {
  posix: ["HOME", "LANG", "LC_ALL", "LOGNAME", "SHELL", "TERM", "TMPDIR", "TZ", "USER"],
  windows: [
    "APPDATA",
    "COMSPEC",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "PATHEXT",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
  ],
} as const;

function minimalEnvironment(
  environment: Environment,
  { programFolder, nodeFolder }: { programFolder: string; nodeFolder: string | undefined },
): Record<string, string> {
  const names = process.platform === "win32" ? inherited.windows : inherited.posix;
  const minimal: Record<string, string> = {
    ...networkEnvironment(environment),
    PATH: companionPath(programFolder, { nodeFolder, machinePath: environment("PATH") }),
    [bridgeMark]: String(process.pid),
  };
  for (const name of names) {
    const value = environment(name);
    if (value !== undefined) minimal[name] = value;
  }
  return minimal;
}
