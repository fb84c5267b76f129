import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTools, type Tool } from "../../../core/mcp/tool.ts";
import { declarationsOf } from "../../support/declared-server.ts";
import { diagnose } from "../../support/typescript.ts";

/** What published servers that need an account list, captured by test/fixtures/capture.ts. */
const captured = new URL("../../fixtures/tools/", import.meta.url);

function readCaptured(file: string): Tool[] {
  const listed: unknown[] = JSON.parse(readFileSync(new URL(file, captured), "utf8"));
  const tools = readTools(listed);
  expect(tools).toHaveLength(listed.length);
  return tools;
}

describe("published servers as captured", () => {
  test("declare every tool so that all compile under strict", { tags: ["clients.types"] }, () => {
    const files = readdirSync(captured).map((file) => declarationsOf(file, readCaptured(file)));
    expect(files.length).toBeGreaterThan(10);
    expect(diagnose(Object.assign({}, ...files))).toEqual([]);
  });

  test("declare a block that a server repeats in its tools once", { tags: ["clients.types-shared"] }, () => {
    const [notion = ""] = readdirSync(captured).filter((file) => file.includes("notion"));
    const tools = readCaptured(notion);
    expect(JSON.stringify(tools).split('"richTextRequest":').length).toBeGreaterThan(2);
    const declaration = Object.values(declarationsOf(notion, tools)).join("");
    expect(declaration.split("export type RichTextRequest =")).toHaveLength(2);
    expect(declaration.length).toBeLessThan(JSON.stringify(tools).length / 3);
  });
});
