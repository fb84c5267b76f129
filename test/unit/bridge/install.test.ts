import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installableClients } from "../../../bridge/install/clients.ts";
import { runBridge } from "../../support/command-line.ts";
import { projectRoot } from "../../support/project-root.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mcp-install-"));
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const none = { XDG_CONFIG_HOME: "", CODEX_HOME: "", CLAUDE_CONFIG_DIR: "", GEMINI_CLI_HOME: "", APPDATA: "", LOCALAPPDATA: "" };
const bridge = (...args: string[]) => runBridge(args, { folder: home, environment: { ...none, HOME: home } });

async function put(file: string, text: string): Promise<string> {
  const path = join(home, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

const text = (path: string) => readFile(path, "utf8");
const main = join(projectRoot, "bridge/main.mjs");
const started = { command: process.execPath, args: [main, "stdio"] };

/** What the program's documentation shows, with another server, comments where it allows them, and settings that are not ours. */
const formats: Record<string, { file: string; before: string; at: string[]; entry: object }> = {
  "claude-code": {
    file: ".claude.json",
    before:
      '{\n  "numStartups": 3,\n  "mcpServers": {\n    "github": { "type": "http", "url": "https://api.example/mcp" }\n  },\n  "projects": {}\n}\n',
    at: ["mcpServers", "orchestrator"],
    entry: { type: "stdio", ...started },
  },
  "claude-desktop": {
    file: ".config/Claude/claude_desktop_config.json",
    before: '{\n  "mcpServers": {\n    "notes": {\n      "command": "npx",\n      "args": ["-y", "notes"]\n    }\n  }\n}',
    at: ["mcpServers", "orchestrator"],
    entry: started,
  },
  vscode: {
    file: ".config/Code/User/mcp.json",
    before: '{\n\t// Mine.\n\t"servers": {\n\t\t"notes": { "type": "stdio", "command": "notes" },\n\t},\n\t"inputs": []\n}\n',
    at: ["servers", "orchestrator"],
    entry: { type: "stdio", ...started },
  },
  cursor: {
    file: ".cursor/mcp.json",
    before: '{\r\n  "mcpServers": {\r\n    "notes": { "command": "notes" }\r\n  }\r\n}\r\n',
    at: ["mcpServers", "orchestrator"],
    entry: started,
  },
  codex: {
    file: ".codex/config.toml",
    before: 'model = "gpt-5" # mine\n\n[mcp_servers.notes]\ncommand = "notes"\n\n[mcp_servers.notes.env]\nTOKEN = "x"\n',
    at: ["mcp_servers", "orchestrator"],
    entry: { ...started, startup_timeout_sec: 60, tool_timeout_sec: 180 },
  },
  gemini: {
    file: ".gemini/settings.json",
    before: '{\n  "theme": "Dark",\n  "mcpServers": {\n    "a": { "command": "a" }\n  }\n}\n',
    at: ["mcpServers", "orchestrator"],
    entry: started,
  },
  devin: {
    file: ".config/devin/mcp_config.json",
    before: '{\n  "mcpServers": {\n    "remote": { "url": "https://mcp.example/mcp", "transport": "http" }\n  }\n}\n',
    at: ["mcpServers", "orchestrator"],
    entry: started,
  },
  windsurf: {
    file: ".codeium/windsurf/mcp_config.json",
    before: '{\n  "mcpServers": {\n    "remote": { "serverUrl": "https://mcp.example/mcp" }\n  }\n}\n',
    at: ["mcpServers", "orchestrator"],
    entry: started,
  },
  zed: {
    file: ".config/zed/settings.json",
    before:
      '// Zed settings\n{\n  "theme": "One Dark",\n  "context_servers": {\n    "notes": { "source": "custom", "command": "notes", "args": [] }\n  }\n}\n',
    at: ["context_servers", "orchestrator"],
    entry: { source: "custom", ...started, env: {}, timeout: 180 },
  },
  opencode: {
    file: ".config/opencode/opencode.json",
    before:
      '{\n  "$schema": "https://opencode.ai/config.json",\n  "mcp": {\n    "servers": {\n      "notes": { "type": "local", "command": ["notes"] }\n    }\n  }\n}\n',
    at: ["mcp", "servers", "orchestrator"],
    entry: { type: "local", command: [process.execPath, main, "stdio"], timeout: { startup: 60_000, request: 180_000 } },
  },
};

const read = (file: string, content: string): unknown => (file.endsWith(".toml") ? parseToml(content) : parseJsonc(content));
const at = (document: unknown, path: readonly string[]) => path.reduce<unknown>((inner, key) => Object(inner)[key], document);

test("there is a format for each client", () => {
  expect(Object.keys(formats)).toEqual(installableClients.map(({ id }) => id));
});

// The files are where Linux has them; clients.ts has those of the other platforms.
describe.skipIf(process.platform !== "linux").each(Object.entries(formats))("%s", (id, { file, before, at: path, entry }) => {
  test("gets the entry that its documentation describes, and loses nothing", { tags: ["install.clients"] }, async () => {
    const place = await put(file, before);
    const { code, out, err } = await bridge("install", id);
    expect({ code, err: err.startsWith("Written. As it was: ~/") }).toEqual({ code: 0, err: true });
    expect(out).toContain(`~/${file}`);
    const after = await text(place);
    expect(at(read(file, after), path)).toEqual(entry);
    // Without our entry it is what it was, and every line of it is still there.
    for (const line of before.split(/\r?\n/)) expect(after).toContain(line.trim());
    expect(after.includes("\r\n")).toBe(before.includes("\r\n"));
    const copies = (await readdir(dirname(place))).filter((name) => name.endsWith(".bak"));
    expect(await Promise.all(copies.map((name) => text(join(dirname(place), name))))).toEqual([before]);

    expect((await bridge("install", id)).out).toContain("is as it should be");
    expect((await bridge("uninstall", id)).code).toBe(0);
    expect(read(file, await text(place))).toEqual(read(file, await text(join(dirname(place), String(copies[0])))));
    expect((await bridge("uninstall", id)).out).toContain("there is no server orchestrator");
  });

  test("gets a file where it has none", { tags: ["install.clients"] }, async () => {
    expect((await bridge("install", id)).code).toBe(0);
    const place = join(home, file);
    expect(at(read(file, await text(place)), path)).toEqual(entry);
    expect((await stat(place)).mode & 0o777).toBe(0o600);
  });

  test("is left alone by --dry-run, which shows the lines", { tags: ["install.clients"] }, async () => {
    const place = await put(file, before);
    const { code, out } = await bridge("install", id, "--dry-run");
    expect(code).toBe(0);
    expect(out).toMatch(/^\+ .*orchestrator/m);
    // Lines of other servers, which may hold secrets, are not shown.
    expect(out).not.toMatch(/notes|github|remote/);
    expect(await text(place)).toBe(before);
    expect(await readdir(dirname(place))).toEqual([place.slice(dirname(place).length + 1)]);
  });
});

const cursor = ".cursor/mcp.json";

test.each([
  ["servers directly in mcp", '{ "mcp": { "notes": { "type": "local", "command": ["notes"] } } }'],
  ["a server called servers", '{ "mcp": { "servers": { "type": "local", "command": ["notes"] } } }'],
  ["a setting that has another name now, and no servers", '{ "provider": {}, "theme": "system" }'],
])(
  "opencode of the first version gets the form of the first version: %s",
  { tags: ["install.clients"] },
  async (_what, before) => {
    const place = await put(".config/opencode/opencode.json", before);
    await bridge("install", "opencode");
    expect(at(parseJsonc(await text(place)), ["mcp", "orchestrator"])).toEqual({
      type: "local",
      command: [process.execPath, main, "stdio"],
      enabled: true,
      timeout: 180_000,
    });
  },
);

test("opencode's second version may have a server called type, and its file with comments is the one that is changed", async () => {
  const before = '{\n  // Mine.\n  "mcp": { "servers": { "type": { "type": "local", "command": ["notes"] } } }\n}\n';
  const place = await put(".config/opencode/opencode.jsonc", before);
  await bridge("install", "opencode");
  expect(Object.keys(Object(at(parseJsonc(await text(place)), ["mcp", "servers"])))).toEqual(["type", "orchestrator"]);
  expect(await text(place)).toContain("// Mine.");
  expect(await readdir(dirname(place))).not.toContain("opencode.json");
});

/** The files in a home /home/ada, where variables of the platform name folders of their own. */
const places: Record<string, Record<"linux" | "darwin" | "win32", string>> = {
  "claude-code": { linux: "~/.claude.json", darwin: "~/.claude.json", win32: "~/.claude.json" },
  "claude-desktop": {
    linux: "~/.config/Claude/claude_desktop_config.json",
    darwin: "~/Library/Application Support/Claude/claude_desktop_config.json",
    win32: "C:/Roaming/Claude/claude_desktop_config.json",
  },
  vscode: {
    linux: "~/.config/Code/User/mcp.json",
    darwin: "~/Library/Application Support/Code/User/mcp.json",
    win32: "C:/Roaming/Code/User/mcp.json",
  },
  cursor: { linux: "~/.cursor/mcp.json", darwin: "~/.cursor/mcp.json", win32: "~/.cursor/mcp.json" },
  codex: { linux: "~/.codex/config.toml", darwin: "~/.codex/config.toml", win32: "~/.codex/config.toml" },
  gemini: { linux: "~/.gemini/settings.json", darwin: "~/.gemini/settings.json", win32: "~/.gemini/settings.json" },
  devin: {
    linux: "~/.config/devin/mcp_config.json",
    darwin: "~/.config/devin/mcp_config.json",
    win32: "C:/Roaming/devin/mcp_config.json",
  },
  windsurf: {
    linux: "~/.codeium/windsurf/mcp_config.json",
    darwin: "~/.codeium/windsurf/mcp_config.json",
    win32: "~/.codeium/windsurf/mcp_config.json",
  },
  zed: {
    linux: "~/.config/zed/settings.json",
    darwin: "~/.config/zed/settings.json",
    win32: "C:/Roaming/Zed/settings.json",
  },
  opencode: {
    linux: "~/.config/opencode/opencode.json",
    darwin: "~/.config/opencode/opencode.json",
    win32: "~/.config/opencode/opencode.json",
  },
};

describe("where a program has its file", { tags: ["install.clients"] }, () => {
  const variables = { APPDATA: "C:/Roaming", LOCALAPPDATA: "C:/Local" };
  const placeOf = (id: string, platform: NodeJS.Platform, { environment = {}, there = "" } = {}) => {
    const set: Record<string, string> = { ...(platform === "win32" ? variables : {}), ...environment };
    const user = {
      home: "/home/ada",
      environment: (name: string) => set[name],
      platform,
      exists: (path: string) => path === there,
    };
    return installableClients
      .find((client) => client.id === id)
      ?.file(user)
      .replace("/home/ada", "~");
  };

  test.each(Object.entries(places))("%s", (id, places) => {
    for (const platform of ["linux", "darwin", "win32"] as const) expect(placeOf(id, platform)).toBe(places[platform]);
  });

  test.each([
    ["claude-code", "linux", { CLAUDE_CONFIG_DIR: "/c" }, "/c/.claude.json"],
    ["codex", "darwin", { CODEX_HOME: "/c" }, "/c/config.toml"],
    ["gemini", "linux", { GEMINI_CLI_HOME: "/c" }, "/c/.gemini/settings.json"],
    ["zed", "linux", { XDG_CONFIG_HOME: "/c" }, "/c/zed/settings.json"],
    ["zed", "darwin", { XDG_CONFIG_HOME: "/c" }, "~/.config/zed/settings.json"],
    ["opencode", "darwin", { XDG_CONFIG_HOME: "/c" }, "/c/opencode/opencode.json"],
    ["devin", "darwin", { XDG_CONFIG_HOME: "/c" }, "/c/devin/mcp_config.json"],
    ["vscode", "linux", { XDG_CONFIG_HOME: "/c" }, "/c/Code/User/mcp.json"],
  ] as const)("%s on %s follows %j", (id, platform, environment, place) => {
    expect(placeOf(id, platform, { environment })).toBe(place);
  });

  test("is inside its package for Claude Desktop that Windows installed as one", () => {
    const there = "C:/Local/Packages/Claude_pzs8sxrjxfjjc";
    expect(placeOf("claude-desktop", "win32", { there })).toBe(`${there}/LocalCache/Roaming/Claude/claude_desktop_config.json`);
  });
});

test("another server of the same name is never replaced", { tags: ["install.clients"] }, async () => {
  const before = '{ "mcpServers": { "orchestrator": { "command": "other" } } }';
  const place = await put(cursor, before);
  const refused = await bridge("install", "cursor");
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("--name") });
  expect((await bridge("uninstall", "cursor")).code).toBe(1);
  expect(await text(place)).toBe(before);
  expect((await bridge("install", "cursor", "--name", "mcp", "--session", "work")).code).toBe(0);
  expect(at(parseJsonc(await text(place)), ["mcpServers"])).toEqual({
    orchestrator: { command: "other" },
    mcp: { command: process.execPath, args: [main, "stdio", "--session", "work"] },
  });
});

test("a file that is broken or cannot be edited safely stays as it is", { tags: ["install.clients"] }, async () => {
  const broken = await put(cursor, '{ "mcpServers": {');
  expect(await bridge("install", "cursor")).toMatchObject({ code: 1, err: expect.stringContaining("is not JSON: see line 1") });
  expect(await text(broken)).toBe('{ "mcpServers": {');
  await put(cursor, '{"mcpServers":{"a":{"command":"a","env":{"TOKEN":"sk-live-1"}}}}');
  const minified = await bridge("install", "cursor");
  expect(minified.code).toBe(0);
  expect(minified.out).not.toContain("sk-live");
  await put(cursor, '{ "mcpServers": [] }');
  expect(await bridge("install", "cursor")).toMatchObject({ code: 1, err: expect.stringContaining("by hand") });
  const inline = await put(".codex/config.toml", 'mcp_servers = { notes = { command = "notes" } }\n');
  expect((await bridge("install", "codex")).code).toBe(1);
  expect(await text(inline)).toContain("mcp_servers = {");
  expect(await bridge("install", "emacs")).toMatchObject({
    code: 2,
    err: expect.stringContaining("claude-code, claude-desktop"),
  });
});

test("a file that is a link stays one, and keeps its mode", async () => {
  const real = await put("dotfiles/mcp.json", "{}");
  await mkdir(join(home, ".cursor"));
  await symlink(real, join(home, cursor));
  await bridge("install", "cursor");
  expect(at(parseJsonc(await text(real)), ["mcpServers", "orchestrator"])).toEqual(started);
  expect((await readdir(join(home, ".cursor"))).sort()).toEqual(["mcp.json"]);
});

test("--take moves the program's servers into the registry, but not those that cannot be", {
  tags: ["install.clients"],
}, async () => {
  const registry = await put("own.json", JSON.stringify({ servers: [] }));
  const notes = { command: "notes", env: { NOTES_TOKEN: "sk-live-1234567890abcdef" } };
  const place = await put(cursor, JSON.stringify({ mcpServers: { notes, broken: { args: ["x"] } } }, undefined, 2));
  const dry = await bridge("install", "cursor", "--take", "--registry", "own.json", "--dry-run");
  expect(dry.out + dry.err).not.toContain("sk-live");
  expect(JSON.parse(await text(registry)).servers).toEqual([]);

  const taken = await bridge("install", "cursor", "--take", "--registry", "own.json");
  expect(taken.code).toBe(0);
  expect(taken.out).toContain("Moved to ~/own.json: notes");
  expect(taken.out + taken.err).not.toContain("sk-live");
  expect(JSON.parse(await text(registry)).servers).toMatchObject([{ id: "notes", mcp: { command: "notes" } }]);
  expect(Object.keys(Object(at(parseJsonc(await text(place)), ["mcpServers"])))).toEqual(["broken", "orchestrator"]);
});
