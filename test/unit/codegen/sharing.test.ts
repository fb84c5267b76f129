import { describe, expect, test } from "vitest";
import { declareClient } from "../../../core/codegen/declaration.ts";
import type { Tool } from "../../../core/mcp/tool.ts";
import { diagnose } from "../../support/typescript.ts";

const server = { id: "hub", title: "Hub", summary: "A hub.", examples: [] };

/** A type long enough to be shared; `mark` makes it differ from others. */
const block = (mark = "page_id") => ({
  type: "object",
  properties: {
    type: { const: mark },
    [mark]: { type: "string", format: "uuid", description: "Where it belongs." },
    position: {
      enum: ["before", "after", "inside"],
      description: "On which side of it, as seen from the one that was there before.",
    },
  },
  required: ["type", mark],
});

const toolWith = (name: string, properties: Record<string, unknown>): Tool => ({
  name,
  inputSchema: { type: "object", properties, required: Object.keys(properties) },
});

function declare(tools: Tool[], options: { only?: string[]; charsMax?: number } = {}) {
  const declared = declareClient({ server, tools, ...options });
  expect(diagnose({ "mcp-clients/hub.d.ts": declared.declaration })).toEqual([]);
  const types = [...declared.declaration.matchAll(/^export type (\w+)/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== "McpResult");
  return { ...declared, types };
}

describe("a repeated type", () => {
  test("is declared once for several tools, named after the member that has it", {
    tags: ["clients.types-shared"],
  }, () => {
    const { declaration, types } = declare([
      toolWith("create", { parent: block() }),
      toolWith("move", { parent: block(), to: block() }),
    ]);
    expect(types).toEqual(["Parent"]);
    expect(declaration).toContain("export function create(args: { parent: Parent }): Promise<any>;");
    expect(declaration).toContain("export function move(args: { parent: Parent; to: Parent }): Promise<any>;");
    expect(declaration.split("Where it belongs.")).toHaveLength(2);
  });

  test("stays inline if it is short, and so does a type that occurs once", () => {
    expect(declare([toolWith("create", { parent: block() }), toolWith("move", { parent: block("other_id") })]).types).toEqual([]);
    const short = { type: "object", properties: { a: { type: "string" } } };
    expect(declare([toolWith("create", { parent: short }), toolWith("move", { parent: short })]).types).toEqual([]);
  });

  test("gets another name than a different type of a member of the same name", () => {
    const { types } = declare([
      toolWith("a", { parent: block(), list: { type: "array", items: block() } }),
      toolWith("b", { parent: block("other_id"), list: { type: "array", items: block("other_id") } }),
    ]);
    expect(types).toEqual(["Parent", "BArgsParent"]);
  });

  test("within another repeated type counts once, and gets its own name only if it also occurs elsewhere", () => {
    const outer = {
      type: "object",
      properties: { parent: block(), note: { type: "string", description: "What to know of it." } },
    };
    expect(declare([toolWith("a", { outer }), toolWith("b", { outer })]).types).toEqual(["Outer"]);
    expect(declare([toolWith("a", { outer }), toolWith("b", { outer }), toolWith("c", { parent: block() })]).types).toEqual([
      "Outer",
      "Parent",
    ]);
  });

  test("gets the name of an equal definition", () => {
    const referring: Tool = {
      name: "a",
      inputSchema: { type: "object", properties: { target: { $ref: "#/$defs/Target" } }, $defs: { Target: block() } },
    };
    expect(declare([referring, toolWith("b", { parent: block() })]).types).toEqual(["Target"]);
  });

  test("may be the result of several tools", () => {
    const outputSchema = block();
    const tools = ["get", "create"].map((name): Tool => ({ name, inputSchema: { type: "object" }, outputSchema }));
    expect(declare(tools).types).toEqual(["GetResult"]);
  });

  test("is declared only if a selected tool uses it", () => {
    const tools = [
      toolWith("a", { parent: block() }),
      toolWith("b", { parent: block() }),
      toolWith("c", { x: { type: "string" } }),
    ];
    expect(declare(tools, { only: ["c"] }).types).toEqual([]);
    expect(declare(tools, { only: ["a", "b"] }).types).toEqual(["Parent"]);
  });

  test("gets a legal name whatever the server calls the member", () => {
    const names = ["*/", "", "1", "日本", "__proto__", "string", "Promise", "a".repeat(150)];
    for (const name of names) {
      const properties = Object.fromEntries([[name, block()]]);
      expect(declare([toolWith("a", properties), toolWith("b", properties)]).types, name).toHaveLength(1);
    }
  });
});

describe("a tool too large for any answer", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`field_${index}`, { type: "string", description: "x".repeat(500) }]),
  );
  const large = toolWith("large", properties);

  test("is declared without the comments on its members", () => {
    const { declaration, included } = declare([large], { charsMax: 4_000 });
    expect(included).toEqual(["large"]);
    expect(declaration).toContain("field_39: string;");
    expect(declaration).not.toContain("xxx");
  });

  test("keeps the comments if they fit, and is omitted if even its types do not", () => {
    expect(declare([large], { charsMax: 40_000 }).declaration).toContain("xxx");
    expect(declare([large], { charsMax: 1_000 })).toMatchObject({ included: [], omitted: ["large"] });
  });
});
