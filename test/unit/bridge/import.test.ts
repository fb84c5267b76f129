import { describe, expect, test } from "vitest";
import { codeModeIn } from "../../../bridge/import/code-modes.ts";
import { findServers } from "../../../bridge/import/found-servers.ts";
import { type PlanOptions, planImport } from "../../../bridge/import/plan.ts";
import { type FileEntry, parseRegistry } from "../../../core/registry/registry.ts";
import { addEntries, entryDocument } from "../../../core/registry/registry-edit.ts";
import { tool } from "../../support/builders.ts";
import { projectRoot } from "../../support/project-root.ts";

function plan(text: string, path = "/home/ada/.mcp.json", options: Partial<PlanOptions> = {}) {
  return planImport(findServers(text, path), {
    registered: [],
    source: ".mcp.json",
    folder: "/home/ada/shop",
    environment: () => undefined,
    self: { projectRoot, url: "http://127.0.0.1:8787" },
    renamed: new Map(),
    renamesTaken: false,
    ...options,
  });
}

const claude = (servers: object) => JSON.stringify({ mcpServers: servers });
const mcpOf = (entries: readonly FileEntry[]) => entries.map((entry) => (entryDocument(entry) as { mcp: object }).mcp);
const setOf = (planned: ReturnType<typeof plan>) => planned.variables.map(({ name, side }) => `${name} ${side}`);

describe("a configuration", () => {
  test("of Claude becomes registry entries, with its variable references translated", { tags: ["bridge.import"] }, () => {
    const planned = plan(
      claude({
        a: { command: "npx", args: ["-y", "${PKG:-some-server}"], env: { KEY: "${MY_KEY}", LEVEL: "debug", PORT: 7 } },
        b: { type: "http", url: "https://${HOST}/mcp", headers: { "X-Team": "blue" } },
        c: { type: "sse", url: "https://old.example.dev/sse" },
      }),
    );
    expect(mcpOf(planned.entries)).toEqual([
      {
        transport: "stdio",
        command: "npx",
        args: ["-y", "${env:PKG:-some-server}"],
        env: { KEY: "${env:MY_KEY}", LEVEL: "debug", PORT: "7" },
      },
      { transport: "http", url: "https://${env:HOST}/mcp", headers: { "X-Team": "blue" } },
      { transport: "sse", url: "https://old.example.dev/sse" },
    ]);
    expect(setOf(planned)).toEqual(["MY_KEY bridge", "HOST worker"]);
  });

  test("of Claude with several projects gives each server once, and appends the project to a name that is used twice", () => {
    const same = { command: "same" };
    const planned = plan(
      JSON.stringify({
        mcpServers: { a: same },
        projects: {
          "/projects/blue": { mcpServers: { a: same, b: { command: "one" } } },
          "/projects/red": { mcpServers: { b: { command: "two" } } },
        },
      }),
    );
    expect(planned.entries.map(({ id }) => id)).toEqual(["a", "b", "b-red"]);
    expect(planned.present).toEqual([{ name: "a", id: "a" }]);
  });

  test("of VS Code may have comments, and its inputs become variables with their descriptions", {
    tags: ["bridge.import"],
  }, () => {
    const planned = plan(
      `{ // ours
        "inputs": [{ "type": "promptString", "id": "perplexity-key", "description": "Perplexity API Key", "password": true }],
        "servers": { "perplexity": { "type": "stdio", "command": "npx", "args": ["\${workspaceFolder}/data"],
          "env": { "PERPLEXITY_API_KEY": "\${input:perplexity-key}" }, "envFile": ".env" }, },
      }`,
      "/home/ada/shop/.vscode/mcp.json",
    );
    expect(mcpOf(planned.entries)).toEqual([
      {
        transport: "stdio",
        command: "npx",
        args: ["/home/ada/shop/data"],
        env: { PERPLEXITY_API_KEY: "${env:PERPLEXITY_KEY}" },
      },
    ]);
    expect(planned.variables).toEqual([
      { name: "PERPLEXITY_KEY", side: "bridge", ids: ["perplexity"], description: "Perplexity API Key" },
    ]);
    expect(planned.ignored).toEqual([{ place: "servers.perplexity", fields: ["envFile"] }]);
  });

  test("of VS Code is also found in settings.json", () => {
    expect(plan('{ "editor.tabSize": 2, "mcp": { "servers": { "a": { "command": "x" } } } }').entries).toHaveLength(1);
  });

  test("of Cursor with a url and no type becomes an http server", { tags: ["bridge.import"] }, () => {
    const planned = plan(claude({ a: { url: "https://a.dev/mcp", headers: { Authorization: "Bearer ${env:A_TOKEN}" } } }));
    expect(mcpOf(planned.entries)).toEqual([
      { transport: "http", url: "https://a.dev/mcp", headers: { Authorization: "Bearer ${env:A_TOKEN}" } },
    ]);
    expect(setOf(planned)).toEqual(["A_TOKEN worker"]);
  });

  test("of Claude that starts a program by a relative path keeps its working directory", {
    tags: ["bridge.import"],
  }, () => {
    const planned = plan(
      claude({
        script: { command: "${CLAUDE_PROJECT_DIR:-.}/tools/serve.sh", args: ["--config", "${CLAUDE_PROJECT_DIR}/config.json"] },
        here: { command: "node", args: ["./build/index.js"] },
        elsewhere: { command: "node", args: ["/opt/index.js", "@scope/name"] },
      }),
    );
    expect(mcpOf(planned.entries)).toEqual([
      { transport: "stdio", command: "/home/ada/shop/tools/serve.sh", args: ["--config", "/home/ada/shop/config.json"] },
      { transport: "stdio", command: "node", args: ["./build/index.js"], cwd: "/home/ada/shop" },
      { transport: "stdio", command: "node", args: ["/opt/index.js", "@scope/name"] },
    ]);
    expect(setOf(planned)).toEqual([]);
  });

  test("of Claude or Cursor keeps the OAuth client and replaces its secret with a variable", { tags: ["bridge.import"] }, () => {
    const planned = plan(
      claude({
        plain: { url: "https://a.dev/mcp", oauth: {} },
        known: { url: "https://b.dev/mcp", oauth: { clientId: "abc", callbackPort: 8080 } },
        cursor: { url: "https://c.dev/mcp", auth: { CLIENT_ID: "def", CLIENT_SECRET: "s3cr3tvalue99", scopes: ["read"] } },
        named: { url: "https://d.dev/mcp", auth: { CLIENT_ID: "ghi", CLIENT_SECRET: "${env:D_SECRET}" } },
      }),
    );
    expect(planned.entries.map(({ auth, oauth }) => ({ auth, oauth }))).toEqual([
      { auth: "oauth", oauth: undefined },
      { auth: "oauth", oauth: { clientId: "abc" } },
      { auth: "oauth", oauth: { clientId: "def", clientSecret: "${env:CURSOR_CLIENT_SECRET}", scopes: ["read"] } },
      { auth: "oauth", oauth: { clientId: "ghi", clientSecret: "${env:D_SECRET}" } },
    ]);
    expect(setOf(planned)).toEqual(["CURSOR_CLIENT_SECRET worker", "D_SECRET worker"]);
  });

  test("of Codex keeps its tool lists, its time limit and its variable names", { tags: ["bridge.import"] }, () => {
    const planned = plan(
      `[mcp_servers.docs]
command = "docs-server"
args = ["--port", "4000"]
env_vars = ["LOCAL_TOKEN"]
tool_timeout_sec = 45.5
startup_timeout_sec = 90
enabled_tools = ["search"]
disabled_tools = ["screenshot"]
[mcp_servers.figma]
url = "https://mcp.figma.com/mcp"
bearer_token_env_var = "FIGMA_OAUTH_TOKEN"
http_headers = { "X-Figma-Region" = "us-east-1" }
env_http_headers = { "X-Key" = "FIGMA_KEY" }
[mcp_servers.gone]
command = "x"
enabled = false
`,
      "/home/ada/.codex/config.toml",
    );
    const [docs, figma] = planned.entries;
    expect(docs).toMatchObject({
      mcp: { command: "docs-server", args: ["--port", "4000"], env: { LOCAL_TOKEN: "${env:LOCAL_TOKEN}" } },
      limits: { timeoutMs: 45_500, startTimeoutMs: 90_000 },
      tools: { allow: ["search"], deny: ["screenshot"] },
    });
    expect(figma?.mcp).toMatchObject({
      headers: {
        Authorization: "Bearer ${env:FIGMA_OAUTH_TOKEN}",
        "X-Figma-Region": "us-east-1",
        "X-Key": "${env:FIGMA_KEY}",
      },
    });
    expect(planned.skipped).toEqual([{ place: "mcp_servers.gone", reason: "it is disabled there" }]);
  });

  test.each(["{}", "[]", '"x"', '{ "servers": [] }'])(
    "of an unknown format is refused with the formats that can be imported: %s",
    (text) => {
      expect(() => plan(text)).toThrow("declares no MCP servers. Import a file of Claude or Cursor");
    },
  );

  test.each([
    ["{ \n x", "/a.json", "is not JSON: see line 2."],
    ["a = ", "/a.toml", "is not TOML"],
  ])("that cannot be parsed is refused: %j", (text, path, message) => {
    expect(() => plan(text, path)).toThrow(message);
  });
});

describe("a secret", () => {
  const secrets = ["ghp_abcdefghijklmnop1234", "hunter2222", "s3cr3tvalue99", `${"k".repeat(10)}12345678901234567890`];

  test("becomes a reference wherever it occurs, and its value appears nowhere in the plan", { tags: ["bridge.import"] }, () => {
    const planned = plan(
      claude({
        env: { command: "x", env: { GITHUB_TOKEN: secrets[0], API_KEY: secrets[2], MODE: "fast" } },
        args: {
          command: "x",
          args: [
            "--api-key",
            secrets[2],
            `--token=${secrets[1]}`,
            `postgres://ada:${secrets[1]}@db/x`,
            "-e",
            `BOT_TOKEN=${secrets[0]}`,
            "src",
          ],
        },
        header: { url: "https://a.dev/mcp", headers: { Authorization: `Bearer ${secrets[0]}`, "X-Api-Key": secrets[2] } },
        url: { url: `https://b.dev/s/${secrets[3]}/mcp?apiKey=${secrets[2]}&region=eu` },
      }),
    );
    expect(mcpOf(planned.entries)).toMatchObject([
      { env: { GITHUB_TOKEN: "${env:GITHUB_TOKEN}", API_KEY: "${env:ENV_API_KEY}", MODE: "fast" } },
      {
        args: [
          "--api-key",
          "${env:ARGS_API_KEY}",
          "--token=${env:ARGS_TOKEN}",
          "${env:ARGS_SECRET}",
          "-e",
          "BOT_TOKEN=${env:BOT_TOKEN}",
          "src",
        ],
      },
      { headers: { Authorization: "Bearer ${env:HEADER_TOKEN}", "X-Api-Key": "${env:HEADER_X_API_KEY}" } },
      { url: "https://b.dev/s/${env:URL_KEY}/mcp?apiKey=${env:URL_API_KEY}&region=eu" },
    ]);
    const said = JSON.stringify(planned);
    for (const secret of secrets) expect(said).not.toContain(secret);
    expect(parseRegistry(addEntries('{"servers":[]}', planned.entries))).toMatchObject({ problems: [], warnings: [] });
  });

  test("gets another variable if its name is taken by another value, and never a variable of the orchestrator", () => {
    const planned = plan(
      claude({
        one: { command: "x", env: { GITHUB_TOKEN: "ghp_aaaaaaaaaaaaaaaaaaaa" } },
        two: {
          command: "y",
          env: { GITHUB_TOKEN: "ghp_bbbbbbbbbbbbbbbbbbbb", AUTH_TOKEN: "abcdefgh12", BRIDGE_TOKEN: "abcdefgh13" },
        },
        three: { command: "z", env: { GITHUB_TOKEN: "ghp_aaaaaaaaaaaaaaaaaaaa" } },
      }),
    );
    expect(planned.variables).toEqual([
      { name: "GITHUB_TOKEN", side: "bridge", ids: ["one", "three"] },
      { name: "TWO_GITHUB_TOKEN", side: "bridge", ids: ["two"] },
      { name: "TWO_AUTH_TOKEN", side: "bridge", ids: ["two"] },
      { name: "TWO_BRIDGE_TOKEN", side: "bridge", ids: ["two"] },
    ]);
  });

  test("does not get a variable that a server of the registry already uses", () => {
    const registered = plan(claude({ work: { command: "x", env: { GITHUB_TOKEN: "${GITHUB_TOKEN}" } } })).entries;
    const planned = plan(claude({ home: { command: "y", env: { GITHUB_TOKEN: "ghp_bbbbbbbbbbbbbbbbbbbb" } } }), undefined, {
      registered,
    });
    expect(setOf(planned)).toEqual(["HOME_GITHUB_TOKEN bridge"]);
  });
});

describe("a server", () => {
  test.each([
    [{ args: ["x"] }, "it has neither a command nor a url"],
    [{ type: "ws", url: "wss://a.dev/mcp" }, "its transport is wss, which is neither http nor sse"],
    [{ type: "http", url: "unix:///tmp/a.sock" }, "its transport is unix, which is neither http nor sse"],
    [{ command: 7 }, "its definition is not valid"],
    [{ command: "x", args: ["${command:pick}"] }, "${command:pick} has no counterpart here; replace it with its value"],
    [{ command: "${BIN}/x" }, "its command or folder refers to BIN, which is not set"],
    [{ command: "x", disabled: true }, "it is disabled there"],
    [{ url: "http://localhost:8787/mcp" }, "http://localhost:8787/mcp is this orchestrator's own address"],
    [null, "its definition is not valid"],
  ])("that cannot be translated is skipped with the reason: %j", (definition, reason) => {
    const planned = plan(claude({ odd: definition, good: { command: "x" } }));
    expect(planned.skipped).toEqual([{ place: "mcpServers.odd", reason: expect.stringContaining(reason) }]);
    expect(planned.entries.map(({ id }) => id)).toEqual(["good"]);
  });

  test("whose name is not a valid id gets one, and keeps its name as the title", () => {
    const [entry] = plan(claude({ "io.github.ada/tools": { command: "x" } })).entries;
    expect(entry).toMatchObject({ id: "io-github-ada-tools", title: "io.github.ada/tools" });
    expect(plan(claude({ runtime: { command: "x" } })).entries[0]?.id).toBe("runtime-server");
  });

  test("whose id is taken is not added until it is renamed", { tags: ["bridge.import"] }, () => {
    const registered = plan(claude({ a: { command: "one" } })).entries;
    const text = claude({ a: { command: "two" }, b: { command: "three" } });
    const refused = plan(text, undefined, { registered });
    expect(refused.taken).toEqual([{ name: "a", id: "a" }]);
    expect(refused.entries.map(({ id }) => id)).toEqual(["b"]);
    const renamed = plan(text, undefined, { registered, renamed: new Map([["a", "a2"]]) });
    expect(renamed.entries.map(({ id }) => id)).toEqual(["a2", "b"]);
    const again = plan(text, undefined, { registered: [...registered, ...renamed.entries] });
    expect(again).toMatchObject({
      entries: [],
      taken: [],
      present: [
        { name: "a", id: "a2" },
        { name: "b", id: "b" },
      ],
    });
  });
});

describe("a server that is a code mode of its own", () => {
  test.each([
    ["at Cloudflare's address", { url: "https://mcp.cloudflare.com/mcp" }, "add ?codemode=false to its url."],
    ["behind mcp-remote", { command: "npx", args: ["mcp-remote", "https://mcp.cloudflare.com/mcp"] }, "add ?codemode=false"],
    ["in a portal", { url: "https://mcp.example.com/mcp?codemode=search_and_execute" }, "set codemode=false."],
    ["from UTCP", { command: "npx", args: ["-y", "@utcp/code-mode-mcp@1.2.0"] }, "No switch for single tools is known."],
    ["executor", { command: "executor", args: ["mcp"] }, "No switch"],
  ])("is named and tagged at import: %s", { tags: ["bridge.code-modes"] }, (_where, definition, off) => {
    const { entries, codeModes } = plan(claude({ api: definition }));
    expect(codeModes).toEqual([{ id: "api", hint: expect.stringContaining(off) }]);
    expect(entries).toMatchObject([{ tags: ["code-mode"] }]);
  });

  test.each([
    ["is switched off", { url: "https://mcp.cloudflare.com/mcp?codemode=false" }],
    ["is another of Cloudflare's", { url: "https://docs.mcp.cloudflare.com/mcp" }],
    ["only ends in such a name", { url: "https://mcp.cloudflare.com.example.dev/mcp" }],
    ["has a package whose name begins alike", { command: "npx", args: ["executor-tools"] }],
  ])("is not named if it %s", { tags: ["bridge.code-modes"] }, (_what, definition) => {
    expect(plan(claude({ api: definition }))).toMatchObject({ codeModes: [], entries: [{ tags: [] }] });
  });

  const taking = (...fields: string[]) => ({ type: "object", properties: Object.fromEntries(fields.map((f) => [f, {}])) });
  const search = tool("search", { inputSchema: taking("code") });
  const execute = tool("execute", { inputSchema: taking("code") });
  const mcp = { transport: "http" as const, url: "https://api.example.dev/mcp", headers: {} };

  test("is recognised by its tools: one that searches beside one that takes a program", { tags: ["bridge.code-modes"] }, () => {
    expect(codeModeIn([search, execute], { mcp })).toContain("No switch");
    expect(codeModeIn([search, execute], { mcp: { ...mcp, url: "https://mcp.cloudflare.com/mcp" } })).toContain(
      "?codemode=false",
    );
    expect(codeModeIn([tool("search_tools"), tool("call_tool_chain", { inputSchema: taking("code") })], { mcp })).toBeDefined();
  });

  test("is none with many tools, without a search, or whose tool takes no program", { tags: ["bridge.code-modes"] }, () => {
    const many = Array.from({ length: 20 }, (_, at) => tool(`click_${at}`));
    expect(codeModeIn([search, execute, ...many], { mcp })).toBeUndefined();
    expect(codeModeIn([execute], { mcp })).toBeUndefined();
    expect(codeModeIn([search, tool("run_query", { inputSchema: taking("sql") })], { mcp })).toBeUndefined();
    expect(codeModeIn([], { mcp })).toBeUndefined();
  });
});

describe("adding to a registry", () => {
  const entries = () =>
    plan(claude({ b: { command: "x", env: { API_KEY: "abcdefgh12" } }, c: { url: "https://c.dev/mcp" } })).entries;

  test("leaves the existing text unchanged", { tags: ["bridge.import"] }, () => {
    const text =
      '{\n    "servers": [\n        { "id": "a",   "title": "A", "summary": "s", "mcp": { "transport": "stdio", "command": "x" } }\n    ]\n}\n';
    const added = addEntries(text, entries());
    expect(added.startsWith(text.slice(0, text.lastIndexOf("}\n    ]") + 1))).toBe(true);
    expect(added).toContain('\n        {\n            "id": "b",');
    expect(parseRegistry(added).servers.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(added.endsWith("}\n")).toBe(true);
  });

  test.each(['{"servers":[]}', '{\n\t"servers": [\n\t]\n}', '{\r\n  "servers": []\r\n}'])(
    "gives a valid registry for %j",
    (text) => {
      expect(parseRegistry(addEntries(text, entries()))).toMatchObject({ problems: [], servers: [{ id: "b" }, { id: "c" }] });
    },
  );

  test("is refused for a registry that cannot be parsed, but not for one with a broken entry", () => {
    expect(() => addEntries('{ "servers": [', entries())).toThrow("First correct 1:");
    expect(parseRegistry(addEntries('{ "servers": [ { "id": "bad" } ] }', entries())).servers).toHaveLength(2);
  });

  test("gives no secret a name of the orchestrator's own", { tags: ["access.reserved"] }, () => {
    const {
      entries: [entry],
    } = plan(claude({ b: { command: "x", env: { JWT_SECRET: "p4ssw0rd-p4ssw0rd", AUTH_TOKEN: "abcdefgh12" } } }));
    expect(entry?.mcp).toMatchObject({ env: { JWT_SECRET: "${env:B_JWT_SECRET}", AUTH_TOKEN: "${env:B_AUTH_TOKEN}" } });
  });

  test("finds every server already there the second time", () => {
    const { servers } = parseRegistry(addEntries('{"servers":[]}', entries()));
    const again = plan(
      claude({ b: { command: "x", env: { API_KEY: "abcdefgh12" } }, c: { url: "https://c.dev/mcp" } }),
      undefined,
      {
        registered: servers,
      },
    );
    expect(again).toMatchObject({ entries: [], taken: [], present: [{ id: "b" }, { id: "c" }] });
  });
});
