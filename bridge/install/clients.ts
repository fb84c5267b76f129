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
  /** Whether there is something at this path. */
  exists: (path: string) => boolean;
}

export interface ClientLaunch {
  command: string;
  args: readonly string[];
}

const plain = ({ command, args }: ClientLaunch) => ({ command, args });
const mcpServers = () => ["mcpServers"];

/*
 * The formats are those that each program's documentation, or its source, had in November 2026. Timeouts are named where the default is
 * shorter than a program may take, or than a first start with npx.
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
    file: (user) => join(claudeDesktopData(user), "Claude", "claude_desktop_config.json"),
  },
  {
    ...{ id: "vscode", title: "VS Code", path: () => ["servers"], next: "Start it with the command MCP: List Servers." },
    file: (user) => join(applicationData(user), "Code", "User", "mcp.json"),
    entry: (launch) => ({ type: "stdio", ...plain(launch) }),
  },
  {
    ...{ id: "cursor", title: "Cursor", path: mcpServers, entry: plain, next: "Switch it on in Customize, MCPs." },
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
    file: ({ home, environment }) => join(environment("GEMINI_CLI_HOME") || home, ".gemini", "settings.json"),
  },
  {
    ...{ id: "devin", title: "Devin Desktop", path: mcpServers, entry: plain, next: "It is there in the next session." },
    file: (user) => join(user.platform === "win32" ? applicationData(user) : configFolder(user), "devin", "mcp_config.json"),
  },
  {
    ...{
      ...{ id: "windsurf", title: "Windsurf", path: mcpServers, entry: plain },
      next: "Refresh the list of MCP servers in Cascade. Windsurf has become Devin Desktop, which is the client devin.",
    },
    file: ({ home }) => join(home, ".codeium", "windsurf", "mcp_config.json"),
  },
  {
    ...{ id: "zed", title: "Zed", path: () => ["context_servers"], next: "It starts by itself: the agent's settings show it." },
    file: (user) => {
      if (user.platform === "win32") return join(applicationData(user), "Zed", "settings.json");
      return join(user.platform === "darwin" ? join(user.home, ".config") : configFolder(user), "zed", "settings.json");
    },
    // Seconds. Its releases of 2025 ask for the source, later ones pass over it.
    entry: (launch) => ({ source: "custom", ...plain(launch), env: {}, timeout: 180 }),
  },
  {
    ...{ id: "opencode", title: "opencode", next: "It is there in the next session." },
    file: (user) => {
      const [json = "", jsonc = ""] = ["opencode.json", "opencode.jsonc"].map((name) =>
        join(configFolder(user), "opencode", name),
      );
      return user.exists(jsonc) && !user.exists(json) ? jsonc : json;
    },
    // Its first version has the servers directly in `mcp`, its second in `mcp.servers`.
    path: (document) => (isFirstOpencode(document) ? ["mcp"] : ["mcp", "servers"]),
    entry: ({ command, args }, document) => ({
      type: "local",
      command: [command, ...args],
      ...(isFirstOpencode(document) ? { enabled: true, timeout: 180_000 } : { timeout: { startup: 60_000, request: 180_000 } }),
    }),
  },
];

/**
 * The second version reads a file as one of the first if it has any of these settings, which have another name now. There it leaves out
 * what is in `mcp.servers`.
 */
const firstOpencodeSettings = new Set(
  (
    "agent attachment autoshare command disabled_providers enabled_providers layout logLevel mode " +
    "permission plugin provider reference server small_model snapshot tools"
  ).split(" "),
);

function isFirstOpencode(document: unknown): boolean {
  const settings: object = Object(document);
  const { servers, ...others }: { servers?: unknown } = Object(Object(document).mcp);
  const isServer = (value: unknown) => typeof Object(value).type === "string";
  return (
    Object.keys(settings).some((name) => firstOpencodeSettings.has(name)) || [servers, ...Object.values(others)].some(isServer)
  );
}

/** Devin and opencode use it on macOS too. */
function configFolder({ home, environment }: UserFolders): string {
  return environment("XDG_CONFIG_HOME") || join(home, ".config");
}

/** Windows gives what comes as a package a folder of its own, and shows the package that one at the path of the other. */
function claudeDesktopData(user: UserFolders): string {
  if (user.platform !== "win32") return applicationData(user);
  const local = user.environment("LOCALAPPDATA") || join(user.home, "AppData", "Local");
  const packaged = join(local, "Packages", "Claude_pzs8sxrjxfjjc");
  return user.exists(packaged) ? join(packaged, "LocalCache", "Roaming") : applicationData(user);
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
