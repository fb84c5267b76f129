import { describe, expect, test } from "vitest";
import { declareClient } from "../../../core/codegen/declaration.ts";
import type { Tool } from "../../../core/mcp/tool.ts";
import { diagnose } from "../../support/typescript.ts";

const server = { id: "hub", title: "Hub", summary: "A hub.", examples: [] };

/** A block long enough for a name; `mark` tells one from another. */
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

describe("equal types", () => {
  test("of several tools are declared once, under the name of the member that has them", {
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

  test("that stand once, or are short, stay where they are", () => {
    expect(declare([toolWith("create", { parent: block() }), toolWith("move", { parent: block("other_id") })]).types).toEqual([]);
    const short = { type: "object", properties: { a: { type: "string" } } };
    expect(declare([toolWith("create", { parent: short }), toolWith("move", { parent: short })]).types).toEqual([]);
  });

  test("of one name and different content are told apart", () => {
    const { types } = declare([
      toolWith("a", { parent: block(), list: { type: "array", items: block() } }),
      toolWith("b", { parent: block("other_id"), list: { type: "array", items: block("other_id") } }),
    ]);
    expect(types).toEqual(["Parent", "BArgsParent"]);
  });

  test("inside of equal types count once, and keep a name of their own where they also stand elsewhere", () => {
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

  test("take the name of a definition that says the same", () => {
    const referring: Tool = {
      name: "a",
      inputSchema: { type: "object", properties: { target: { $ref: "#/$defs/Target" } }, $defs: { Target: block() } },
    };
    expect(declare([referring, toolWith("b", { parent: block() })]).types).toEqual(["Target"]);
  });

  test("are the result of several tools", () => {
    const outputSchema = block();
    const tools = ["get", "create"].map((name): Tool => ({ name, inputSchema: { type: "object" }, outputSchema }));
    expect(declare(tools).types).toEqual(["GetResult"]);
  });

  test("come with the tools that are asked for, and with no others", () => {
    const tools = [
      toolWith("a", { parent: block() }),
      toolWith("b", { parent: block() }),
      toolWith("c", { x: { type: "string" } }),
    ];
    expect(declare(tools, { only: ["c"] }).types).toEqual([]);
    expect(declare(tools, { only: ["a", "b"] }).types).toEqual(["Parent"]);
  });

  test("whose names are those of a stranger's choice are declared under legal ones", () => {
    const names = ["*/", "", "1", "日本", "__proto__", "string", "Promise", "a".repeat(150)];
    for (const name of names) {
      const properties = Object.fromEntries([[name, block()]]);
      expect(declare([toolWith("a", properties), toolWith("b", properties)]).types, name).toHaveLength(1);
    }
  });
});

describe("a tool that no answer could hold", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`field_${index}`, { type: "string", description: "x".repeat(500) }]),
  );
  const large = toolWith("large", properties);

  test("is declared without the words on its members", () => {
    const { declaration, included } = declare([large], { charsMax: 4_000 });
    expect(included).toEqual(["large"]);
    expect(declaration).toContain("field_39: string;");
    expect(declaration).not.toContain("xxx");
  });

  test("keeps them where they fit, and is left out where even its types do not", () => {
    expect(declare([large], { charsMax: 40_000 }).declaration).toContain("xxx");
    expect(declare([large], { charsMax: 1_000 })).toMatchObject({ included: [], omitted: ["large"] });
  });
});
