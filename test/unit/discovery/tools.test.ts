import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { builtInEntry } from "../../../core/built-in/built-in-server.ts";
import { directInstructions, instructionsFor } from "../../../core/discovery/instructions.ts";
import { DescribeInput, ExecuteInput, ListInput, toolDefinitions, toolNames } from "../../../core/discovery/tool-definitions.ts";
import { type Registry, registryPath } from "../../../core/registry/registry.ts";
import { serverEntry } from "../../support/builders.ts";

describe("the tool surface", () => {
  test("consists of list_mcp_capabilities, describe_mcp and execute_mcp_code", { tags: ["surface.three-tools"] }, () => {
    expect(toolDefinitions.map(({ name }) => name)).toEqual([...toolNames]);
    expect(toolNames).toEqual(["list_mcp_capabilities", "describe_mcp", "execute_mcp_code"]);
  });

  test("costs less than 600 tokens", { tags: ["surface.tokens"] }, () => {
    const paid = toolDefinitions.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    expect(countTokens(JSON.stringify(paid))).toBeLessThan(600);
  });

  test("is always loaded and annotated, and only execute_mcp_code is not read-only", () => {
    expect(toolDefinitions.map(({ _meta }) => _meta["anthropic/alwaysLoad"])).toEqual([true, true, true]);
    expect(toolDefinitions.map(({ annotations }) => annotations.readOnlyHint)).toEqual([true, true, false]);
    expect(toolDefinitions[2]?._meta["anthropic/maxResultSizeChars"]).toBe(500_000);
  });

  test("has input schemas that are closed objects without $schema", () => {
    for (const { inputSchema } of toolDefinitions) {
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(inputSchema).not.toHaveProperty("$schema");
    }
  });

  test("fills in the default inputs", () => {
    expect(ListInput.parse({})).toEqual({ visibility: ["default"], limit: 20, detail: "summary" });
    expect(DescribeInput.parse({ id: "a" })).toEqual({ id: "a", detail: "tools" });
    expect(ExecuteInput.parse({ code: "" })).toEqual({ code: "", language: "ts", maxLogs: 200 });
    const execute = toolDefinitions.find(({ name }) => name === "execute_mcp_code");
    expect(execute?.inputSchema).toMatchObject({ properties: { maxRuntimeMs: { default: 10_000, maximum: 120_000 } } });
  });

  test.each([
    [120_000, true],
    [120_001, false],
    [1, true],
    [0, false],
  ])("accepts maxRuntimeMs %d: %s", (maxRuntimeMs, isAccepted) => {
    expect(ExecuteInput.safeParse({ code: "", maxRuntimeMs }).success).toBe(isAccepted);
  });
});

describe("the instructions", () => {
  const registry = (ids: string[], fields = {}): Registry => ({
    servers: ids.map((id) => serverEntry(id, fields)),
    problems: [],
    warnings: [],
  });
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `server-${index}`);
  // Random letters: ids that cost the most tokens.
  const dear = Array.from({ length: 1_000 }, (_, index) =>
    Array.from({ length: 64 }, (_, at) => "qx7zK3-vW9_jB2"[(index * 7 + at * 5 + at * at) % 14])
      .join("")
      .replace(/^[-_]/, "a"),
  );

  test.each([
    ["no servers", registry([])],
    ["16 servers", registry(ids(16))],
    ["1,000 servers", registry(ids(1_000))],
    ["1,000 servers with the longest ids", registry(dear)],
  ])("take at most 200 tokens with %s", { tags: ["surface.tokens"] }, (_title, of) => {
    expect(countTokens(instructionsFor(of))).toBeLessThanOrEqual(200);
  });

  test("say how a program is kept where programs may, still within 200 tokens, and not to a client that sends none", {
    tags: ["surface.tokens", "surface.instructions"],
  }, () => {
    const { servers } = registry(dear);
    const keeps = {
      servers: [...servers, builtInEntry("dynamic", { title: "Save", summary: "Saves." })],
      problems: [],
      warnings: [],
    };
    const text = instructionsFor(keeps);
    expect(text).toMatch(/more\. A program worth keeping becomes a tool: dynamic\.tool_create\(\{ name, description, code \}\)/);
    expect(countTokens(text)).toBeLessThanOrEqual(200);
    expect(instructionsFor(registry(dear))).not.toContain("dynamic");
    expect(directInstructions(text)).not.toContain("dynamic");
  });

  test("name the default servers, those of high priority first, and count the rest", () => {
    const few = instructionsFor({
      servers: [serverEntry("a"), serverEntry("z", { priority: 9 }), serverEntry("dear", { sensitivity: "high" })],
      problems: [],
      warnings: [],
    });
    expect(few).toMatch(/Servers: z, a\.$/);
    expect(instructionsFor(registry(ids(1_000)))).toMatch(/ and \d+ more\.$/);
  });

  test("name the servers that can be reached before those that cannot, whatever their priority", {
    tags: ["surface.instructions"],
  }, () => {
    const servers = [serverEntry("offline", { priority: 9 }), serverEntry("a"), serverEntry("b", { priority: 6 })];
    const of = { servers, problems: [], warnings: [] };
    expect(instructionsFor(of, ({ id }) => (id === "offline" ? "unavailable" : "ready"))).toMatch(/Servers: b, a, offline\.$/);
    expect(instructionsFor(of, ({ id }) => (id === "offline" ? "not_connected" : "ready"))).toMatch(/Servers: b, a, offline\.$/);
    expect(instructionsFor(of, ({ id }) => (id === "b" ? "auth_required" : "not_connected"))).toMatch(
      /Servers: offline, a, b\.$/,
    );
    expect(instructionsFor(of, () => "bridge_offline")).toMatch(/Servers: offline, b, a\.$/);
  });

  test("name the file that was read, and keep within their limit", { tags: ["surface.instructions"] }, () => {
    const source = `/home/ada/${"x".repeat(180)}/my.json`;
    const text = instructionsFor({ servers: [], problems: [], warnings: [], source });
    expect(text).toContain(`declared in ${source}.`);
    expect(countTokens(text)).toBeLessThanOrEqual(200);
  });

  test("name the registry file if there are no servers, and allowedMcpIds if there are only opt-in ones", () => {
    expect(instructionsFor(registry([]))).toContain(registryPath);
    const asked = instructionsFor(registry(["a"], { visibility: "opt_in" }));
    expect(asked).toContain("allowedMcpIds");
    expect(asked).not.toContain("No servers");
  });
});
