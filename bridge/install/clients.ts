import { join } from "node:path";
import type { Environment } from "../../core/registry/interpolation.ts";

/** A program that starts MCP servers, and how its configuration names one. */
export interface InstallableClient {
  id: string;
  title: string;
  /** Its configuration for all of the user's projects. */
  file: (user: UserFolders) => string;
  /** Where its servers are in the document. */
  path: (document: unknown) => readonly string[];
  entry: (launch: ClientLaunch, document: unknown) => object;
  /** What the user does for it to take effect. */
  next: string;
}

export interface UserFolders {
  home: string;
  environment: Environment;
  platform: NodeJS.Platform;
}

export interface ClientLaunch {
  command: string;
  args: readonly string[];
}

const plain = ({ command, args }: ClientLaunch) => ({ command, args });
const mcpServers = () => ["mcpServers"];

/*
 * The formats are those that each program's documentation had in November 2026. Timeouts are named where the default is shorter than a
 * program may take, or than a first start with npx.
 */
export const installableClients: readonly InstallableClient[] = [
  {
    ...{ id: "claude-code", title: "Claude Code", path: mcpServers, next: "It is there in the next session: /mcp shows it." },
    file: ({ home, environment }) => join(environment("CLAUDE_CONFIG_DIR") || home, ".claude.json"),
    entry: (launch) => ({ type: "stdio", ...plain(launch) }),
  },
  {
    ...{
      id: "claude-desktop",
      title: "Claude Desktop",
      path: mcpServers,
      entry: plain,
      next: "Quit Claude Desktop and start it again.",
    },
    file: (user) => join(applicationData(user), "Claude", "claude_desktop_config.json"),
  },
  {
    ...{ id: "vscode", title: "VS Code", path: () => ["servers"], next: "Start it with the command MCP: List Servers." },
    file: (user) => join(applicationData(user), "Code", "User", "mcp.json"),
    entry: (launch) => ({ type: "stdio", ...plain(launch) }),
  },
  {
    ...{ id: "cursor", title: "Cursor", path: mcpServers, entry: plain, next: "Switch it on in Settings, MCP." },
    file: ({ home }) => join(home, ".cursor", "mcp.json"),
  },
  {
    ...{ id: "codex", title: "Codex", path: () => ["mcp_servers"], next: "It is there in the next session: /mcp shows it." },
    file: ({ home, environment }) => join(environment("CODEX_HOME") || join(home, ".codex"), "config.toml"),
    entry: (launch) => ({ ...plain(launch), startup_timeout_sec: 60, tool_timeout_sec: 180 }),
  },
  {
    ...{
      id: "gemini",
      title: "Gemini CLI",
      path: mcpServers,
      entry: plain,
      next: "It is there in the next session: /mcp shows it.",
    },
    file: ({ home }) => join(home, ".gemini", "settings.json"),
  },
  {
    ...{ id: "windsurf", title: "Windsurf", path: mcpServers, entry: plain, next: "Refresh the list of MCP servers in Cascade." },
    file: ({ home }) => join(home, ".codeium", "windsurf", "mcp_config.json"),
  },
  {
    ...{ id: "zed", title: "Zed", path: () => ["context_servers"], next: "It starts by itself: the agent's settings show it." },
    file: ({ home, environment, platform }) =>
      platform === "win32"
        ? join(environment("APPDATA") || join(home, "AppData", "Roaming"), "Zed", "settings.json")
        : join(configFolder({ home, environment, platform }), "zed", "settings.json"),
    entry: (launch) => ({ source: "custom", ...plain(launch), env: {} }),
  },
  {
    ...{ id: "opencode", title: "opencode", next: "It is there in the next session." },
    file: (user) => join(configFolder(user), "opencode", "opencode.json"),
    // Its first version has the servers directly in `mcp`, its second in `mcp.servers`.
    path: (document) => (isFirstOpencode(document) ? ["mcp"] : ["mcp", "servers"]),
    entry: ({ command, args }, document) => ({
      type: "local",
      command: [command, ...args],
      ...(isFirstOpencode(document) ? { enabled: true } : { timeout: { startup: 60_000, request: 180_000 } }),
    }),
  },
];

function isFirstOpencode(document: unknown): boolean {
  const servers: unknown[] = Object.values(Object(Object(document).mcp));
  return servers.some((server) => typeof server === "object" && server !== null && "type" in server);
}

/** Zed and opencode use it on macOS too. */
function configFolder({ home, environment }: UserFolders): string {
  return environment("XDG_CONFIG_HOME") || join(home, ".config");
}

function applicationData(user: UserFolders): string {
  switch (user.platform) {
    case "darwin":
      return join(user.home, "Library", "Application Support");
    case "win32":
      return user.environment("APPDATA") || join(user.home, "AppData", "Roaming");
    default:
      return configFolder(user);
  }
}
