import { describe, expect, test } from "vitest";
import { textsOf } from "../../../core/discovery/tool-text.ts";
import { tool } from "../../support/builders.ts";

function lineOf(description: string, { charsMax = 80, others = [] as string[] } = {}): string {
  const one = tool("one", { description });
  const tools = [one, ...others.map((text, at) => tool(`other_${at}`, { description: text }))];
  return textsOf(tools)(one, charsMax);
}

describe("the line of a tool", { tags: ["list.lines"] }, () => {
  test("is the first paragraph of its description", () => {
    expect(lineOf("Opens an issue.\nIn a project.\n\nLong story.")).toBe("Opens an issue. In a project.");
    expect(lineOf("")).toBe("");
  });

  test("leaves out what the server repeats in its other tools", () => {
    const guard = "Always ask before you use this. Error Responses: 400 Bad Request.";
    const others = Array.from({ length: 5 }, (_, at) => `${guard} Makes thing ${at}.`);
    expect(lineOf(`${guard} Deletes the project.`, { others })).toBe("Deletes the project.");
    expect(lineOf(`${guard} Deletes the project.`, { others: others.slice(0, 1) })).toContain("Always ask");
  });

  test("leaves out the name of the server before each description", () => {
    const others = Array.from({ length: 5 }, (_, at) => `Notion | Makes thing ${at}`);
    expect(lineOf("Notion | Create a page", { others })).toBe("Create a page");
    expect(lineOf("Either a | b", { others })).toBe("Either a | b");
  });

  test("of a description that is all repeated is that description", () => {
    expect(lineOf("Calls the API.", { others: ["Calls the API.", "Calls the API.", "Calls the API."] })).toBe("Calls the API.");
  });

  test.each([
    ["This tool allows you to list the branches.", "List the branches."],
    ["Use this tool when you need to list branches.", "List branches."],
    ["## Branches\n\nLists **all** branches.", "Branches Lists all branches."],
    ["🎯 Purpose: find branches", "🎯 Purpose: find branches"],
  ])("has no lead-in or Markdown: %s", (description, line) => {
    expect(lineOf(description)).toBe(line);
  });

  test("does not end with what introduces a sentence that has no room", () => {
    const long = "x".repeat(60);
    expect(lineOf(`Computes a hash of a text. WARNING: ${long}.`)).toBe("Computes a hash of a text.");
    expect(lineOf(`Computes a hash.\nExample: ${long} ${long}`)).toBe("Computes a hash.");
    expect(lineOf("Computes a hash. WARNING: slow.")).toBe("Computes a hash. WARNING: slow.");
    expect(lineOf(`Kinds of hashes: ${long}`)).toContain("Kinds of hashes: xx");
  });

  test("is cut at the limit, between words", () => {
    expect(lineOf("word ".repeat(100)).length).toBeLessThanOrEqual(80);
    expect(lineOf("word ".repeat(100))).toMatch(/ word…$/);
  });

  test.each([
    [{ readOnlyHint: true }, "Looks. (read-only)"],
    [{ destructiveHint: true }, "Looks. (destructive)"],
    [{ readOnlyHint: true, destructiveHint: true }, "Looks. (read-only)"],
    [{ destructiveHint: false }, "Looks."],
    [undefined, "Looks."],
  ])("says in one word what the annotations %j say", (annotations, line) => {
    const one = tool("one", { description: "Looks.", ...(annotations && { annotations }) });
    expect(textsOf([one])(one, 80)).toBe(line);
    const long = { ...one, description: "word ".repeat(100) };
    expect(textsOf([long])(long, 80).length).toBeLessThanOrEqual(80);
  });
});
