import { expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { readTools } from "../../../core/mcp/tool.ts";
import { toolLimits } from "../../../core/mcp/tool-limits.ts";

const schemaOf = (chars: number) => ({ type: "object", properties: { x: { type: "string", description: "d".repeat(chars) } } });
const charsOf = (tools: unknown) => JSON.stringify(tools).length;

test("a tool whose JSON is too long keeps its name, hints and first words, and says so", { tags: ["servers.no-delay"] }, () => {
  const listed = {
    name: "huge",
    title: "t".repeat(1_000),
    description: "Does it. ".repeat(1_000),
    inputSchema: schemaOf(toolLimits.toolCharsMax),
    outputSchema: { type: "object" },
    annotations: { readOnlyHint: true },
  };
  const [huge, ...others] = readTools([listed, { name: "plain", inputSchema: schemaOf(10) }]);
  expect(huge).toEqual({
    name: "huge",
    title: "t".repeat(limits.namedCharsMax),
    description: expect.stringMatching(/^\(Its arguments are not described here: it is too long\.\) Does it\. Does it\./),
    inputSchema: { type: "object" },
    annotations: { readOnlyHint: true },
  });
  expect(huge?.description?.length).toBeLessThan(500);
  expect(others).toEqual([{ name: "plain", inputSchema: schemaOf(10) }]);
  // A bridge has read them before.
  expect(readTools([huge])).toEqual([huge]);
});

test("a tool of the most characters is read whole, and one with one more is not", () => {
  const around = charsOf({ name: "t", inputSchema: schemaOf(0) });
  const tools = [0, 1].map((more) => ({ name: "t", inputSchema: schemaOf(toolLimits.toolCharsMax - around + more) }));
  expect(readTools(tools.slice(0, 1))).toEqual(tools.slice(0, 1));
  expect(readTools(tools.slice(1))[0]?.inputSchema).toEqual({ type: "object" });
});

test("all tools of a server have their names, and the first of them their schemas", { tags: ["servers.no-delay"] }, () => {
  const tools = Array.from({ length: limits.toolsPerServerMax }, (_, at) => ({ name: `t${at}`, inputSchema: schemaOf(4_000) }));
  const read = readTools(tools);
  expect(read.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
  const whole = read.filter(({ inputSchema }) => "properties" in inputSchema);
  expect(charsOf(whole)).toBeGreaterThan(toolLimits.toolsCharsMax - 10_000);
  expect(charsOf(whole)).toBeLessThanOrEqual(toolLimits.toolsCharsMax + whole.length + 1);
  expect(read.slice(0, whole.length)).toEqual(whole);
  expect(charsOf(readTools(read))).toBe(charsOf(read));
});
