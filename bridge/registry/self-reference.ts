import { basename, resolve } from "node:path";
import { isLoopback } from "../../core/loopback.ts";
import type { FileEntry } from "../../core/registry/registry.ts";

export interface Self {
  /** The folder that holds bridge/ and node_modules/. */
  projectRoot: string;
  /** The Worker that is served. */
  url: string;
}

/** Why an entry is this orchestrator itself, so that calls to it would never end; undefined when it is not. */
export function selfReferenceIn({ mcp }: Pick<FileEntry, "mcp">, self: Self): string | undefined {
  if (mcp.transport !== "stdio") return isOwnAddress(mcp.url, self) ? `${mcp.url} is this orchestrator's own address` : undefined;
  const words = [mcp.command, ...mcp.args];
  const folder = resolve(self.projectRoot, mcp.cwd ?? ".");
  if (
    words.some(
      (word) => ownPrograms.some((program) => resolve(folder, word) === resolve(self.projectRoot, program)) || isBridge(word),
    )
  ) {
    return "it starts this very bridge";
  }
  if (packageManagers.includes(nameOf(mcp.command)) && folder === resolve(self.projectRoot) && runsScript(mcp.args)) {
    return "it starts this very project";
  }
  const address = words.find((word) => isOwnAddress(word, self));
  return address === undefined ? undefined : `it passes on to ${address}, this orchestrator's own address`;
}

const ownPrograms = ["bridge/main.mjs", "bridge/cli.ts", "dist/cli.mjs"];

const packageManagers: readonly string[] = ["npm", "pnpm", "yarn", "bun"];

function runsScript(args: readonly string[]): boolean {
  return args.some((arg) => arg === "start" || arg === "bridge");
}

function isBridge(word: string): boolean {
  return nameOf(word) === "mcp-bridge" || /^mcp-dynamic-orchestrator(?:@[^/\\]*)?$/.test(word);
}

function nameOf(command: string): string {
  return basename(command).replace(/\.(?:cmd|exe|ps1)$/i, "");
}

/** Whether a text is the address of this orchestrator's MCP endpoint, in any session and under any name of the loopback. */
function isOwnAddress(text: string, self: Self): boolean {
  if (!URL.canParse(text) || !URL.canParse(self.url)) return false;
  const url = new URL(text);
  return hostOf(url) === hostOf(new URL(self.url)) && /^(?:\/s\/[^/]+)?\/mcp\/?$/.test(url.pathname);
}

function hostOf({ protocol, hostname, port, host }: URL): string {
  const isHere = isLoopback(hostname) || hostname === "0.0.0.0";
  return isHere ? `loopback:${port === "" ? protocol : port}` : host;
}
