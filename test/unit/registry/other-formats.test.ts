import { describe, expect, test } from "vitest";
import { createProblemPlaces } from "../../../core/registry/problem-place.ts";
import { parseRegistry } from "../../../core/registry/registry.ts";
import { registryText } from "../../support/builders.ts";

const http = { transport: "http", url: "https://a.dev/mcp" };
const parseOne = (fields: object) => parseRegistry(registryText({ id: "a", ...fields }));

describe("what other programs write in an entry", { tags: ["registry.understood"] }, () => {
  test.each([
    [{ ...http, transport: "streamable-http" }, "http", "mcp.transport"],
    [{ ...http, transport: "streamableHttp" }, "http", "mcp.transport"],
    [{ ...http, transport: "Streamable_HTTP" }, "http", "mcp.transport"],
    [{ ...http, transport: "HTTP" }, "http", "mcp.transport"],
    [{ type: "sse", url: "https://a.dev/sse" }, "sse", "mcp.type"],
    [{ url: "https://a.dev/mcp" }, "http", "mcp"],
    [{ command: "x" }, "stdio", "mcp"],
  ])("is understood as a transport, with a warning that says how it is written: %j", (mcp, transport, place) => {
    const { servers, problems, warnings } = parseOne({ mcp });
    expect(problems).toEqual([]);
    expect(servers[0]?.mcp.transport).toBe(transport);
    expect(warnings).toEqual([{ path: `servers[0].${place}`, message: expect.stringContaining(`"transport": "${transport}"`) }]);
  });

  test("that is no transport is refused with those that there are", () => {
    expect(parseOne({ mcp: { ...http, transport: "telnet" } }).problems).toEqual([
      { path: "servers[0].mcp.transport", message: 'is "stdio", "http" (Streamable HTTP) or "sse"' },
    ]);
  });

  test.each([{ disabled: true }, { enabled: false }, { disabled: true, mcp: 7 }])("switches the entry off: %j", (fields) => {
    expect(parseOne(fields)).toEqual({ servers: [], problems: [], warnings: [] });
  });

  test.each([{ disabled: false }, { enabled: true }])("leaves the entry on: %j", (fields) => {
    expect(parseOne(fields)).toMatchObject({ servers: [{ id: "a" }], problems: [] });
  });

  test("is a problem if it is neither on nor off", () => {
    expect(parseOne({ disabled: "yes" }).problems).toMatchObject([{ path: "servers[0].disabled" }]);
    expect(parseOne({ enabled: "yes" }).problems).toMatchObject([{ path: "servers[0].enabled" }]);
  });

  test.each([
    { alwaysAllow: ["read"] },
    { autoApprove: ["read"] },
    { mcp: { transport: "stdio", command: "x", alwaysAllow: ["read"] } },
    { tools: { alwaysAllow: ["read"] } },
  ])("is understood as tools.alwaysAllow: %j", (fields) => {
    const { servers, problems } = parseOne(fields);
    expect(problems).toEqual([]);
    expect(servers[0]?.tools).toEqual({ alwaysAllow: ["read"] });
  });

  test.each([
    { mcp: { ...http, authorization_token: "${env:A_TOKEN}" } },
    { mcp: http, authorization_token: "Bearer ${env:A_TOKEN}" },
  ])("is understood as a header: %j", (fields) => {
    const { servers, problems, warnings } = parseOne(fields);
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(servers[0]?.mcp).toMatchObject({ headers: { Authorization: "Bearer ${env:A_TOKEN}" } });
  });

  test("is a warning if it is a token in the clear", () => {
    expect(parseOne({ mcp: { ...http, authorization_token: "abcd1234" } }).warnings).toMatchObject([
      { path: "servers[0].mcp.headers.Authorization" },
    ]);
  });

  test.each([
    [{ id: "github", command: "npx", args: ["x"] }, '"id": "github"', '"transport": "stdio", "command": "npx"'],
    [{ name: "docs", url: "https://a.dev/mcp" }, '"id": "docs"', '"transport": "http"'],
  ])("is answered with how the whole entry would look here: %j", (entry, ...parts) => {
    const { problems } = parseRegistry(JSON.stringify({ servers: [entry] }));
    expect(problems).toHaveLength(1);
    for (const part of [...parts, "npm run bridge -- import"]) expect(problems[0]?.message).toContain(part);
  });

  test.each([
    { mcpServers: { a: { command: "x" } } },
    { context_servers: { a: { command: "x" } } },
    { servers: { a: { command: "x" } } },
  ])("is answered with the import, if it is the whole file: %j", (document) => {
    expect(parseRegistry(JSON.stringify(document)).problems).toContainEqual({
      path: "servers",
      message: expect.stringContaining("npm run bridge -- import <file>"),
    });
  });

  test("does not repeat what may be a secret", () => {
    const entry = { id: "a", command: "x", args: ["--key=hunter2"], env: { KEY: "hunter3" } };
    expect(JSON.stringify(parseRegistry(JSON.stringify({ servers: [entry] })))).not.toMatch(/hunter/);
  });
});

describe("the place of a problem", { tags: ["registry.problems"] }, () => {
  const text = `{
  "servers": [
    { "id": "good" },
    {
      "id": "bad",
      "mcp": {
        "transport": "stdio"
      },
      "priority": 11
    },
    7
  ]
}`;
  const placeOf = createProblemPlaces(text);

  test.each([
    ["servers[1].priority", { server: "bad", line: 9 }],
    ["servers[1].mcp.transport", { server: "bad", line: 7 }],
    ["servers[1].mcp.command", { server: "bad", line: 6 }],
    ["servers[1].title", { server: "bad", line: 4 }],
    ["servers[2]", { line: 11 }],
    ["servers", { line: 2 }],
    ["3:4", {}],
  ])("%s is %j", (path, place) => {
    expect(placeOf(path)).toEqual(place);
  });

  test("is found in a file that is cut off", () => {
    expect(createProblemPlaces('{ "servers": [ { "id": "a", "x"')("servers[0].x")).toEqual({ server: "a", line: 1 });
    expect(createProblemPlaces("")("servers[0].x")).toEqual({});
  });
});
