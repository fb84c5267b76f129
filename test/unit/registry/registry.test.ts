import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isAllowedByDefault, parseRegistry, registryPath } from "../../../core/registry/registry.ts";
import { registryText, serverEntry } from "../../support/builders.ts";

const shipped = readFileSync(new URL(`../../../${registryPath}`, import.meta.url), "utf8");

describe("a registry file", () => {
  test("that ships with the project has no problem and no warning", () => {
    const { servers, problems, warnings } = parseRegistry(shipped);
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(servers.map((server) => server.id)).toEqual(
      expect.arrayContaining(["time", "grep", "memory", "filesystem", "sequential-thinking", "everything"]),
    );
  });

  test("gives an entry the defaults of its missing fields", () => {
    const { servers } = parseRegistry(
      '{"servers":[{"id":"a","title":"A","summary":"s","mcp":{"transport":"http","url":"https://a"}}]}',
    );
    expect(servers).toEqual([
      {
        id: "a",
        title: "A",
        summary: "s",
        mcp: { transport: "http", url: "https://a", headers: {} },
        domains: [],
        tags: [],
        examples: [],
        sensitivity: "medium",
        stateful: false,
        visibility: "default",
        priority: 5,
        pin: "first",
        autoDiscoverTools: true,
        limits: {},
        tools: {},
        auth: "none",
      },
    ]);
  });

  test("reports all problems at once and loads the valid entries", { tags: ["registry.problems"] }, () => {
    const { servers, problems } = parseRegistry(
      registryText(
        { id: "good" },
        { id: "a b", priority: 11 },
        { id: "x", mcp: { transport: "stdio" } },
        { id: "y", mcp: { transport: "telnet" } },
        { id: "z", sumary: "typo" },
        { id: "also-good" },
      ),
    );
    expect(servers.map((server) => server.id)).toEqual(["good", "also-good"]);
    expect(problems.map(({ path }) => path)).toEqual([
      "servers[1].id",
      "servers[1].priority",
      "servers[2].mcp.command",
      "servers[3].mcp.transport",
      "servers[4].sumary",
    ]);
  });

  test("cannot declare a server of the transport bridge, which only a session adds", () => {
    const { servers, problems } = parseRegistry(registryText({ id: "a", mcp: { transport: "bridge", mark: "1" } }));
    expect(servers).toEqual([]);
    expect(problems.map(({ path }) => path)).toEqual(["servers[0].mcp.transport"]);
  });

  test("with a trailing comma is loaded, and the problem has the comma's place", { tags: ["registry.problems"] }, () => {
    const text = registryText({ id: "a" }, { id: "b" }).replace(/\}\n {2}\]/, "},\n  ]");
    const { servers, problems } = parseRegistry(text);
    expect(servers.map((server) => server.id)).toEqual(["a", "b"]);
    const line = text.split("\n").indexOf("  ]") + 1;
    expect(problems).toEqual([{ path: `${line}:3`, message: expect.stringContaining("remove the comma") }]);
  });

  test("with a trailing comma in an object has one problem, not two", () => {
    const text = registryText({ id: "a" }).replace('"a-mcp"', '"a-mcp",');
    const { servers, problems } = parseRegistry(text);
    expect(servers).toHaveLength(1);
    expect(problems).toEqual([
      { path: expect.stringMatching(/^\d+:\d+$/), message: expect.stringContaining("remove the comma") },
    ]);
  });

  test.each([
    ["", "the file is empty"],
    ["  \n", "the file is empty"],
  ])("that is empty is reported as empty: %j", (text, message) => {
    const { servers, problems } = parseRegistry(text);
    expect(servers).toEqual([]);
    expect(problems[0]?.message).toContain(message);
  });

  test.each(["null", "[]", '"text"', '{"servers":{}}', "{", "nonsense", "{}"])(
    "without a list of servers has a problem: %s",
    (text) => {
      expect(parseRegistry(text)).toMatchObject({
        servers: [],
        problems: expect.arrayContaining([{ path: "servers", message: expect.any(String) }]),
      });
    },
  );

  test("with an empty list of servers has no problem", () => {
    expect(parseRegistry('{"servers":[]}')).toEqual({ servers: [], problems: [], warnings: [] });
  });

  test("may begin with a byte order mark", () => {
    expect(parseRegistry(`\ufeff${registryText({ id: "a" })}`).problems).toEqual([]);
  });

  test("with comments is loaded, and the problem says that JSON has no comments", () => {
    const { servers, problems } = parseRegistry(`// mine\n${registryText({ id: "a" })}`);
    expect(servers).toHaveLength(1);
    expect(problems).toEqual([{ path: "1:1", message: expect.stringContaining("no comments") }]);
  });

  test("with an unknown top-level field names it", () => {
    expect(parseRegistry('{"servers":[],"mcpServers":{}}').problems).toEqual([
      { path: "mcpServers", message: expect.stringContaining("unknown field") },
    ]);
  });

  test("may contain entries that are not objects, which are reported", () => {
    const { servers, problems } = parseRegistry('{"servers":[null,1,"x",[]]}');
    expect(servers).toEqual([]);
    expect(problems.map(({ path }) => path)).toEqual(["servers[0]", "servers[1]", "servers[2]", "servers[3]"]);
  });
});

describe("an id", () => {
  test.each(["a", "A1", "sequential-thinking", "_".padStart(2, "a"), "a".repeat(64)])("may be %s", (id) => {
    expect(parseRegistry(registryText({ id })).problems).toEqual([]);
  });

  test.each(["", "-a", "_a", "a b", "a/b", "a.b", "größe", "a".repeat(65), "runtime"])("may not be %j", (id) => {
    const { servers, problems } = parseRegistry(registryText({ id, title: "A" }));
    expect(servers).toEqual([]);
    expect(problems).toEqual([{ path: "servers[0].id", message: expect.any(String) }]);
  });

  test("of two entries is taken by the first, and the second one is refused", () => {
    const { servers, problems } = parseRegistry(registryText({ id: "a" }, { id: "a" }));
    expect(servers).toHaveLength(1);
    expect(problems).toEqual([
      { path: "servers[1].id", message: expect.stringContaining('"a" is the same name in code as "a"') },
    ]);
  });

  test("with the same identifier in code as an earlier one is refused", () => {
    const { servers, problems } = parseRegistry(registryText({ id: "my-server" }, { id: "my_server" }));
    expect(servers.map((server) => server.id)).toEqual(["my-server"]);
    expect(problems).toEqual([{ path: "servers[1].id", message: expect.stringContaining('"my-server"') }]);
  });
});

describe("a literal secret", () => {
  const stdio = (mcp: object) => parseRegistry(registryText({ id: "a", mcp: { transport: "stdio", command: "a", ...mcp } }));
  const http = (mcp: object) => parseRegistry(registryText({ id: "a", mcp: { transport: "http", url: "https://a", ...mcp } }));

  test.each([
    [stdio({ env: { GITHUB_TOKEN: "0123456789" } }), "servers[0].mcp.env.GITHUB_TOKEN"],
    [stdio({ env: { ANY: "ghp_abc" } }), "servers[0].mcp.env.ANY"],
    [stdio({ args: ["-v", "--api-key=0123456789"] }), "servers[0].mcp.args[1]"],
    [stdio({ args: ["sk-0123456789"] }), "servers[0].mcp.args[0]"],
    [http({ headers: { Authorization: "Bearer 0123456789" } }), "servers[0].mcp.headers.Authorization"],
    [http({ url: "https://a/mcp?api_key=0123456789" }), "servers[0].mcp.url"],
  ])("is a warning, and the entry is loaded", { tags: ["registry.references"] }, ({ servers, problems, warnings }, path) => {
    expect(servers).toHaveLength(1);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([{ path, message: expect.stringContaining("${env:NAME}") }]);
  });

  test.each([
    stdio({ env: { GITHUB_TOKEN: "${env:GITHUB_TOKEN}", TOKEN_KIND: "short" } }),
    stdio({ args: ["--token=${env:TOKEN}", "--token", "--token-file=/run/token-file", "task-list"] }),
    http({ headers: { Authorization: "Bearer ${env:GITHUB_TOKEN}" } }),
    http({ url: "https://a/mcp?page=0123456789" }),
  ])("is not reported for other text", ({ warnings }) => {
    expect(warnings).toEqual([]);
  });
});

describe("a server is allowed by default", () => {
  test.each([
    ["default", "low", true],
    ["default", "medium", true],
    ["default", "high", false],
    ["opt_in", "low", false],
    ["experimental", "low", false],
  ] as const)("when %s and of %s sensitivity: %s", { tags: ["allow.default"] }, (visibility, sensitivity, isAllowed) => {
    expect(isAllowedByDefault(serverEntry("a", { visibility, sensitivity }))).toBe(isAllowed);
  });
});

describe("references to the orchestrator's own secrets", () => {
  const remote = { id: "a", title: "A", summary: "a", mcp: { transport: "http", url: "https://a.example/mcp" } };
  const parse = (entry: object) => parseRegistry(JSON.stringify({ servers: [entry] }));

  test.each([
    ["mcp.headers.Authorization", { mcp: { ...remote.mcp, headers: { Authorization: "Bearer ${env:AUTH_TOKEN}" } } }],
    ["mcp.url", { mcp: { transport: "sse", url: "https://a.example/?k=${env:OAUTH_KEY:-x}" } }],
    ["mcp.args[1]", { mcp: { transport: "stdio", command: "a", args: ["-k", "${env:BRIDGE_TOKEN}"] } }],
    ["mcp.env.KEY", { mcp: { transport: "stdio", command: "a", env: { KEY: "x${env:JWT_ISSUER}" } } }],
    ["oauth.clientSecret", { oauth: { clientId: "a", clientSecret: "${env:SANDBOX_HOST}" } }],
  ])("in %s are a problem that says so, and leave the entry out", { tags: ["access.reserved"] }, (place, fields) => {
    const { servers, problems } = parse({ ...remote, ...fields });
    expect(servers).toEqual([]);
    expect(problems).toEqual([
      { path: `servers[0].${place}`, message: expect.stringContaining("is a secret of this orchestrator") },
    ]);
  });

  test("names that only look alike are anybody's", () => {
    const headers = { A: "${env:GITHUB_AUTH_TOKEN}", B: "${env:AUTHOR}", C: "${env:MY_OAUTH_KEY}", D: "AUTH_TOKEN" };
    expect(parse({ ...remote, mcp: { ...remote.mcp, headers } })).toMatchObject({ problems: [], servers: [{ id: "a" }] });
  });
});
