import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { FileEntry } from "../../core/registry/registry.ts";
import { workerdBinary } from "../sandbox/workerd-binary.ts";
import { isStdioEntry, planLaunch } from "../stdio/launch.ts";
import { userNodeFolder } from "../stdio/user-node.ts";
import { type Check, type Finding, failed, ok, warning } from "./finding.ts";

/** Runs everything of ours. */
const nodeMin = "20.16";
/** What many servers want that are started with npx, and our tests, which bring their own. */
const nodeUsual = "22.12";

/** The Node that runs this. */
export function nodeCheck(version: string): Check {
  return {
    name: "node",
    async run() {
      const update = "install Node 22 or later";
      if (isOlder(version, nodeMin)) return [failed("node", `${version} is older than ${nodeMin}.`, update)];
      if (!isOlder(version, nodeUsual)) return [ok("node", version)];
      return [warning("node", `${version} runs this, but many stdio servers want ${nodeUsual} or later.`, update)];
    },
  };
}

/** Only major and minor count. */
function isOlder(version: string, min: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin = 0, minorMin = 0] = min.split(".").map(Number);
  return major < majorMin || (major === majorMin && minor < minorMin);
}

/** The runtime of Workers, whose package has a binary for each platform. */
export const workerdCheck: Check = {
  name: "workerd",
  async run(signal) {
    try {
      const { stdout } = await promisify(execFile)(workerdBinary, ["--version"], { signal });
      return [ok("workerd", stdout.trim())];
    } catch (error) {
      return [failed("workerd", `does not run: ${firstLine(error)}`, "npm ci, on Linux (glibc), macOS or Windows, x64 or arm64")];
    }
  },
};

interface ServersOptions {
  servers: readonly FileEntry[];
  environment: Environment;
  projectRoot: string;
}

/** The commands that stdio servers are started with, found as the bridge finds them. */
export function commandsCheck({ servers, environment, projectRoot }: ServersOptions): Check {
  return {
    name: "npx",
    async run() {
      const nodeFolder = userNodeFolder(projectRoot, environment("PATH"));
      const plan = (entry: FileEntry) =>
        isStdioEntry(entry) ? [planLaunch({ entry, environment, projectRoot, nodeFolder }).launch] : [];
      const launches = servers.flatMap((entry) => plan(entry).map((launch) => ({ id: entry.id, ...launch })));
      const path = launches[0]?.env.PATH ?? environment("PATH") ?? "";
      const findings: Finding[] = [];
      const wanted = Map.groupBy(launches, ({ command }) => command);
      if (!wanted.has("npx")) {
        const found = await findProgram("npx", { path, folder: projectRoot });
        const message = "is not on the PATH; most servers are started with it.";
        findings.push(found === undefined ? warning("npx", message, installs.npx ?? "") : ok("npx", found));
      }
      for (const [command, [first, ...more]] of wanted) {
        if (first === undefined) continue;
        const found = await findProgram(command, { path: first.env.PATH ?? "", folder: first.cwd });
        const ids = [first, ...more].map(({ id }) => id).join(", ");
        findings.push(
          found === undefined
            ? failed(
                command,
                `is not on the PATH; ${ids} cannot start.`,
                installs[command] ?? `install ${command}, or correct mcp.command`,
              )
            : ok(command, found),
        );
      }
      return findings;
    },
  };
}

const installs: Readonly<Record<string, string>> = {
  npx: "install Node.js from https://nodejs.org, which brings npx",
  uvx: "install uv: https://docs.astral.sh/uv/getting-started/installation/",
  docker: "install Docker, and start it",
};

/** The file that would be run, as a shell looks for it. */
async function findProgram(command: string, { path, folder }: { path: string; folder: string }): Promise<string | undefined> {
  const isPath = isAbsolute(command) || /[/\\]/.test(command);
  const names = process.platform === "win32" ? [command, `${command}.cmd`, `${command}.exe`] : [command];
  const candidates = isPath
    ? [resolve(folder, command)]
    : path.split(delimiter).flatMap((part) => names.map((name) => join(part, name)));
  for (const candidate of candidates) {
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  return undefined;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
