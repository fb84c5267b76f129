import { describe, expect, test } from "vitest";
import { findServers } from "../../../bridge/import/found-servers.ts";
import { type PlanOptions, planImport } from "../../../bridge/import/plan.ts";
import type { FileEntry } from "../../../core/registry/registry.ts";
import { entryDocument } from "../../../core/registry/registry-edit.ts";
import { projectRoot } from "../../support/project-root.ts";

/* What other programs than Claude, VS Code, Cursor and Codex write, and what must not get lost or stay in the clear. */

function plan(document: object, options: Partial<PlanOptions> = {}, path = "/home/ada/config.json") {
  return planImport(findServers(JSON.stringify(document), path), {
    registered: [],
    source: "config.json",
    folder: "/home/ada/shop",
    environment: () => undefined,
    self: { projectRoot, url: "http://127.0.0.1:8787" },
    renamed: new Map(),
    renamesTaken: false,
    ...options,
  });
}

const claude = (servers: object) => ({ mcpServers: servers });
const mcpOf = (entries: readonly FileEntry[]) => entries.map((entry) => (entryDocument(entry) as { mcp: object }).mcp);
const setOf = (planned: ReturnType<typeof plan>) => planned.variables.map(({ name }) => name);

describe("a configuration", { tags: ["bridge.import"] }, () => {
  test("of Windsurf has its address in serverUrl", () => {
    const planned = plan(
      claude({ a: { serverUrl: "https://a.dev/mcp", headers: { "X-Team": "blue" }, disabledTools: ["drop"] } }),
    );
    expect(mcpOf(planned.entries)).toEqual([{ transport: "http", url: "https://a.dev/mcp", headers: { "X-Team": "blue" } }]);
    expect(planned.entries[0]?.tools).toEqual({ deny: ["drop"] });
    expect(planned.ignored).toEqual([]);
  });

  test("of Gemini CLI has httpUrl, $NAME references, and says what it cannot carry over", () => {
    const planned = plan(
      claude({
        a: { httpUrl: "https://a.dev/mcp", headers: { Authorization: "Bearer $A_TOKEN" }, timeout: 5_000, trust: true },
        b: { command: "b", env: { KEY: "$B_KEY", OTHER: "${OTHER_KEY}" }, includeTools: ["read"], excludeTools: ["drop"] },
        c: { url: "https://c.dev/sse" },
      }),
    );
    expect(mcpOf(planned.entries)).toEqual([
      { transport: "http", url: "https://a.dev/mcp", headers: { Authorization: "Bearer ${env:A_TOKEN}" } },
      { transport: "stdio", command: "b", env: { KEY: "${env:B_KEY}", OTHER: "${env:OTHER_KEY}" } },
      { transport: "sse", url: "https://c.dev/sse" },
    ]);
    expect(planned.entries[0]?.limits).toEqual({ timeoutMs: 5_000 });
    expect(planned.entries[1]?.tools).toEqual({ allow: ["read"], deny: ["drop"] });
    expect(setOf(planned)).toEqual(["A_TOKEN", "B_KEY", "OTHER_KEY"]);
    expect(planned.ignored).toEqual([{ place: "mcpServers.a", fields: ["trust"] }]);
  });

  test("of Zed has context_servers, with the command in one object or spread out", () => {
    const planned = plan({
      theme: "One Dark",
      context_servers: {
        old: { command: { path: "npx", args: ["-y", "old-mcp"], env: { MODE: "x" } }, settings: {} },
        now: { source: "custom", command: "npx", args: ["-y", "now-mcp"] },
        far: { url: "https://far.dev/mcp" },
        extension: { source: "extension", settings: {} },
      },
    });
    expect(mcpOf(planned.entries)).toEqual([
      { transport: "stdio", command: "npx", args: ["-y", "old-mcp"], env: { MODE: "x" } },
      { transport: "stdio", command: "npx", args: ["-y", "now-mcp"] },
      { transport: "http", url: "https://far.dev/mcp" },
    ]);
    expect(planned.skipped).toEqual([
      { place: "context_servers.extension", reason: expect.stringContaining("extension of Zed") },
    ]);
    expect(planned.ignored).toEqual([{ place: "context_servers.old", fields: ["settings"] }]);
  });

  test("of opencode has the command in a list, environment, and {env:NAME}", () => {
    const planned = plan({
      $schema: "https://opencode.ai/config.json",
      mcp: {
        a: { type: "local", command: ["bun", "x", "a-mcp"], environment: { KEY: "{env:A_KEY}" }, enabled: true },
        b: { type: "remote", url: "https://b.dev/mcp", headers: { Authorization: "Bearer {env:B_TOKEN}" }, oauth: false },
        c: { type: "local", command: ["c"], enabled: false },
        d: { type: "local", command: ["d", "{file:~/.secret}"] },
      },
    });
    expect(mcpOf(planned.entries)).toEqual([
      { transport: "stdio", command: "bun", args: ["x", "a-mcp"], env: { KEY: "${env:A_KEY}" } },
      { transport: "http", url: "https://b.dev/mcp", headers: { Authorization: "Bearer ${env:B_TOKEN}" } },
    ]);
    expect(planned.skipped.map(({ place, reason }) => [place, reason.slice(0, 20)])).toEqual([
      ["mcp.c", "it is disabled there"],
      ["mcp.d", "${file:~/.secret} ha"],
    ]);
  });

  test("of opencode's second version has them in mcp.servers, with two timeouts and the login in snake case", () => {
    const oauth = { client_id: "abc", client_secret: "{env:C_SECRET}", scope: "read  write", callback_port: 80 };
    const planned = plan({
      mcp: {
        timeout: { request: 1_000 },
        servers: {
          a: { type: "local", command: ["a"], environment: { KEY: "x" }, timeout: { startup: 60_000, request: 180_000 } },
          b: { type: "remote", url: "https://b.dev/mcp", timeout: { request: 5_000 }, oauth },
          c: { type: "local", command: ["c"], disabled: true },
        },
      },
    });
    expect(mcpOf(planned.entries)).toEqual([
      { transport: "stdio", command: "a", env: { KEY: "x" } },
      { transport: "http", url: "https://b.dev/mcp" },
    ]);
    expect(planned.entries.map(({ limits }) => limits)).toEqual([
      { startTimeoutMs: 60_000, timeoutMs: 180_000 },
      { timeoutMs: 5_000 },
    ]);
    expect(planned.entries[1]?.oauth).toEqual({ clientId: "abc", clientSecret: "${env:C_SECRET}", scopes: ["read", "write"] });
    expect(planned.skipped).toEqual([{ place: "mcp.servers.c", reason: "it is disabled there" }]);
    expect(planned.ignored).toEqual([{ place: "mcp.servers.b", fields: ["oauth.callback_port"] }]);
  });

  test("of Devin names its transport, and Zed's timeout is in seconds", () => {
    const devin = claude({
      a: { url: "https://a.dev/mcp", transport: "http" },
      b: { url: "https://b.dev/events", transport: "sse" },
      c: { command: "c", args: ["x"], env: { MODE: "y" } },
    });
    expect(mcpOf(plan(devin).entries)).toEqual([
      { transport: "http", url: "https://a.dev/mcp" },
      { transport: "sse", url: "https://b.dev/events" },
      { transport: "stdio", command: "c", args: ["x"], env: { MODE: "y" } },
    ]);
    const zed = plan({ context_servers: { a: { command: "a", args: [], timeout: 180 } } });
    expect(zed.entries[0]?.limits).toEqual({ timeoutMs: 180_000 });
  });

  test.each([
    ["in mcp", (mcp: object) => ({ "editor.fontSize": 13, mcp })],
    ["beside mcp.servers", ({ inputs, servers }: { inputs: object; servers: object }) => ({ inputs, "mcp.servers": servers })],
  ])("of VS Code's settings has the inputs %s", (_where, document) => {
    const mcp = {
      inputs: [{ type: "promptString", id: "pg-url", description: "Address of the database" }],
      servers: { pg: { command: "npx", args: ["-y", "pg-mcp", "${input:pg-url}"] } },
    };
    const planned = plan(document(mcp));
    expect(mcpOf(planned.entries)).toEqual([{ transport: "stdio", command: "npx", args: ["-y", "pg-mcp", "${env:PG_URL}"] }]);
    expect(planned.variables).toEqual([{ name: "PG_URL", side: "bridge", ids: ["pg"], description: "Address of the database" }]);
  });

  test("of Claude's API is a list, with authorization_token", () => {
    const planned = plan({
      mcp_servers: [{ type: "url", url: "https://a.dev/mcp", name: "a", authorization_token: "abcd1234efgh" }],
    });
    expect(mcpOf(planned.entries)).toEqual([
      { transport: "http", url: "https://a.dev/mcp", headers: { Authorization: "Bearer ${env:A_TOKEN}" } },
    ]);
    expect(JSON.stringify(planned)).not.toContain("abcd1234efgh");
  });

  test("of Cline, Roo and Copilot keeps headers, approvals and tool lists", () => {
    const planned = plan(
      claude({
        cline: {
          type: "streamableHttp",
          url: "https://a.dev/sse/mcp",
          requestInit: { headers: { "X-Team": "blue" } },
          autoApprove: ["read"],
          timeout: 60,
        },
        copilot: { type: "local", command: "x", tools: ["*"] },
        some: { command: "y", tools: ["read"] },
      }),
    );
    expect(planned.entries.map(({ tools, limits }) => ({ tools, limits }))).toEqual([
      { tools: { alwaysAllow: ["read"] }, limits: { timeoutMs: 60_000 } },
      { tools: {}, limits: {} },
      { tools: { allow: ["read"] }, limits: {} },
    ]);
    expect(mcpOf(planned.entries)[0]).toEqual({ transport: "http", url: "https://a.dev/sse/mcp", headers: { "X-Team": "blue" } });
  });

  test("says which fields of a login it cannot carry over", () => {
    expect(plan(claude({ a: { url: "https://a.dev/mcp", oauth: { clientId: "x", callbackPort: 80 } } })).ignored).toEqual([
      { place: "mcpServers.a", fields: ["oauth.callbackPort"] },
    ]);
  });
});

describe("an address without a type", () => {
  test.each([
    ["http://127.0.0.1:8836/sse", "sse"],
    ["https://a.dev/v1/sse/?key=${KEY}", "sse"],
    ["https://a.dev/mcp", "http"],
    ["https://a.dev/sse-tools/mcp", "http"],
  ])("%s is an address of the transport %s", (url, transport) => {
    expect(mcpOf(plan(claude({ a: { url } })).entries)).toMatchObject([{ transport }]);
  });
});

describe("a secret", { tags: ["bridge.import"] }, () => {
  const key = "Zx81kQp2mN7vB4tR9wE3yU6iP0";

  test.each([
    [
      "a header argument",
      { command: "npx", args: ["mcp-remote", "https://a.dev/mcp", "--header", `Authorization: Bearer ${key}`] },
    ],
    [
      "one without a space",
      { command: "npx", args: ["mcp-remote", "https://a.dev/mcp", "--header", `Authorization:Bearer ${key}`] },
    ],
    ["one in one word", { command: "npx", args: [`--header=X-Api-Key: ${key}`] }],
    ["a short one", { command: "curl", args: ["-H", "X-Api-Key: p4ssw0rd"] }],
    ["a bearer variable", { command: "x", env: { AUTH_HEADER: `Bearer ${key}` } }],
    ["a short bearer variable", { command: "x", env: { H: "Bearer 7f3a-short" } }],
    ["a header in JSON", { command: "x", env: { HEADERS: `{"Authorization":"Bearer ${key}","X-Team":"blue"}` } }],
    ["a cookie", { url: "https://a.dev/mcp", headers: { Cookie: "sid=abcdef12; theme=dark" } }],
    ["a cookie argument", { command: "x", args: ["--cookie", "sid=abcdef12"] }],
    ["a basic header", { url: "https://a.dev/mcp", headers: { "Proxy-Authorization": "Basic YWRhOmxvdmU=" } }],
    ["a shell's variable", { command: "sh", args: ["-c", "API_KEY=p4ssw0rd exec npx x --port 80"] }],
    ["a shell's flag", { command: "bash", args: ["-lc", `npx x --token ${key} --port 80`] }],
    ["a shell's quoted flag", { command: "bash", args: ["-c", `npx x --password="p4ssw0rd" --port 80`] }],
    ["a shell's address", { command: "sh", args: ["-c", "npx pg-mcp postgres://ada:p4ssw0rd@db/x"] }],
    [
      "a shell's header",
      { command: "sh", args: ["-c", `npx mcp-remote https://a.dev/mcp --header 'Authorization: Bearer ${key}'`] },
    ],
    ["a JWT", { command: "x", args: [`eyJhbGciOi.${key}.sig`] }],
    ["a password of seven characters", { command: "x", env: { DB_PASSWORD: "hunter2" } }],
    ["a key in an address argument", { command: "x", args: [`https://a.dev/mcp?key=${key}`] }],
  ])("is not left in the clear: %s", (_where, definition) => {
    const planned = plan(claude({ a: definition }));
    const written = JSON.stringify(planned.entries);
    for (const secret of [key, "p4ssw0rd", "7f3a-short", "abcdef12", "YWRhOmxvdmU=", "hunter2"])
      expect(written).not.toContain(secret);
    expect(planned.entries).toHaveLength(1);
    expect(planned.variables).toHaveLength(1);
    expect(written).toContain(`\${env:${setOf(planned)[0]}}`);
  });

  test("keeps what stands around it", () => {
    const planned = plan(
      claude({
        a: { command: "npx", args: ["mcp-remote", "https://a.dev/mcp", "--header", `Authorization: Bearer ${key}`] },
        b: { command: "sh", args: ["-c", `API_KEY=${key} exec npx x --port 80`] },
        c: { command: "x", env: { HEADERS: `{"Authorization":"Bearer ${key}","X-Team":"blue"}` } },
      }),
    );
    expect(mcpOf(planned.entries)).toMatchObject([
      { args: ["mcp-remote", "https://a.dev/mcp", "--header", "Authorization: Bearer ${env:A_TOKEN}"] },
      { args: ["-c", "API_KEY=${env:B_API_KEY} exec npx x --port 80"] },
      { env: { HEADERS: '{"Authorization":"Bearer ${env:C_TOKEN}","X-Team":"blue"}' } },
    ]);
  });

  test("is not seen in what is none", () => {
    const env = {
      MAX_TOKENS: "4096",
      TOKEN_FILE: "/run/token",
      TOKEN_URL: "https://a.dev/token",
      AUTH_TYPE: "oauth2-device",
      USE_TOKEN: "true",
    };
    const args = ["-y", "@scope/some-server@1.2.3", "--token-file", "./token.txt", "--key", "id", "-c", "echo hello world"];
    const planned = plan(claude({ a: { command: "npx", args, env } }));
    expect(mcpOf(planned.entries)).toMatchObject([{ args, env }]);
    expect(planned.variables).toEqual([]);
  });
});

describe("a reference to the entry's own env", () => {
  test("stays as the started program reads it, and the value is not in the clear", () => {
    const planned = plan(
      claude({
        a: {
          command: "npx",
          args: ["mcp-remote", "https://a.dev/mcp", "--header", "Authorization:${AUTH_HEADER}", "${ELSEWHERE}"],
          env: { AUTH_HEADER: "Bearer 7f3a-not-a-real-one" },
        },
      }),
    );
    expect(mcpOf(planned.entries)).toMatchObject([
      {
        args: ["mcp-remote", "https://a.dev/mcp", "--header", "Authorization:${AUTH_HEADER}", "${env:ELSEWHERE}"],
        env: { AUTH_HEADER: "Bearer ${env:A_AUTH_HEADER_TOKEN}" },
      },
    ]);
    expect(JSON.stringify(planned)).not.toContain("7f3a");
  });

  test("is one to the environment where the entry passes on what it is given", () => {
    const planned = plan(claude({ a: { command: "x", args: ["${A_KEY}"], env: { A_KEY: "${A_KEY}" } } }));
    expect(mcpOf(planned.entries)).toMatchObject([{ args: ["${env:A_KEY}"], env: { A_KEY: "${env:A_KEY}" } }]);
  });
});

describe("the project's folder", () => {
  test.each([
    [{ command: "node", args: ["build/index.js"] }, true],
    [{ command: "python", args: ["server.py"] }, true],
    [{ command: "x", args: ["--config=conf/x.yaml"] }, true],
    [{ command: "x", args: ["--db", "data.sqlite"] }, true],
    [{ command: "x", env: { CONFIG: "./x" } }, true],
    [{ command: "bin/serve.sh" }, true],
    [{ command: "node", args: ["/opt/index.js"] }, false],
    [{ command: "npx", args: ["-y", "@scope/name", "owner/repo", "https://a.dev/x.json"] }, false],
  ])("is kept for what is relative to it: %j", (definition, isKept) => {
    expect(mcpOf(plan(claude({ a: definition })).entries)).toMatchObject([isKept ? { cwd: "/home/ada/shop" } : {}]);
    expect("cwd" in (mcpOf(plan(claude({ a: definition })).entries)[0] ?? {})).toBe(isKept);
  });
});

describe("a server whose id is taken", () => {
  test("gets the next free id on request, and its secrets a variable of that", () => {
    const registered = plan(claude({ a: { command: "one" }, "a-2": { command: "two" } })).entries;
    const planned = plan(claude({ a: { command: "three", env: { API_KEY: "abcdefgh12" } } }), { registered, renamesTaken: true });
    expect(planned).toMatchObject({ taken: [], entries: [{ id: "a-3", title: "a" }] });
    expect(setOf(planned)).toEqual(["A_3_API_KEY"]);
  });
});
