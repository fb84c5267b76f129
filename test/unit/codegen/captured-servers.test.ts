import { describe, expect, test } from "vitest";
import { readTools, type Tool } from "../../../core/mcp/tool.ts";
import { catalogIds, readCatalog } from "../../fixtures/catalogs.ts";
import { declarationsOf } from "../../support/declared-server.ts";
import { diagnose } from "../../support/typescript.ts";

function readRecorded(id: string): Tool[] {
  const listed = readCatalog(id).tools;
  const tools = readTools(listed);
  expect(tools).toHaveLength(listed.length);
  return tools;
}

describe("published servers as captured", () => {
  test("declare every tool so that all compile under strict", { tags: ["clients.types"] }, () => {
    const files = catalogIds().map((id) => declarationsOf(id, readRecorded(id)));
    expect(files.length).toBeGreaterThan(10);
    expect(diagnose(Object.assign({}, ...files))).toEqual([]);
  });

  test("declare a block that a server repeats in its tools once", { tags: ["clients.types-shared"] }, () => {
    const tools = readRecorded("notion");
    expect(JSON.stringify(tools).split('"richTextRequest":').length).toBeGreaterThan(2);
    const declaration = Object.values(declarationsOf("notion", tools)).join("");
    expect(declaration.split("export type RichTextRequest =")).toHaveLength(2);
    expect(declaration.length).toBeLessThan(JSON.stringify(tools).length / 3);
  });
});
