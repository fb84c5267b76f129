import { expect, test } from "vitest";
import { flagsHelp, readFlags } from "../../../bridge/commands/flags.ts";
import { skillOf } from "../../../core/saved/skill.ts";

const tool = {
  name: "weekly_report",
  description: "Reports a week.",
  examples: [
    { since: "2026-11-01", text: "it's" },
    { ids: ["a", "b c"], dryRun: false, where: { a: 1 }, top: 5 },
    "Once a week.",
  ],
  inputSchema: {
    type: "object",
    properties: {
      since: { type: "string", description: "the first day" },
      top: { type: "number", default: 10 },
      dryRun: { type: "boolean" },
      ids: { type: "array", items: { type: "string" } },
      where: { type: "object" },
      text: { type: "string" },
      unit: { type: "string", enum: ["day", "week"] },
    },
    required: ["since"],
  },
};
const args = (...words: string[]) => readFlags(words, tool).args;

test("flags become arguments of the types that the schema says", { tags: ["saved.commands"] }, () => {
  expect(args("--since", "2026-11-01", "--top=5", "--dry-run", "--ids", "a", "--ids", "b", "--where", '{"a":1}')).toEqual({
    ...{ since: "2026-11-01", top: 5, dryRun: true, ids: ["a", "b"], where: { a: 1 } },
  });
  expect(args("--since=", "--no-dry-run", "--text", "--since", "--ids", '["x","y"]')).toEqual({
    ...{ since: "", dryRun: false, text: "--since", ids: ["x", "y"] },
  });
  expect(args("--since", "1", "--text", "5", "--dryRun", "false")).toEqual({ since: "1", text: "5", dryRun: false });
});

test("arguments on standard input are added to, replaced and checked like flags, and a lone -- is left out", {
  tags: ["saved.commands"],
}, () => {
  expect(args("--", "--since", "1")).toEqual({ since: "1" });
  const first = readFlags(["-", "--top", "5", "--ids", "c"], tool);
  expect(first.own.stdin).toBe(true);
  expect(readFlags(["-", "--top", "5", "--ids", "c"], tool, { since: "1", top: 2, ids: ["a"] }).args).toEqual({
    ...{ since: "1", top: 5, ids: ["c"] },
  });
  expect(readFlags(["--since", "-"], tool)).toEqual({ args: { since: "-" }, own: { help: false, stdin: false } });
  expect(() => readFlags(["-"], tool, {})).toThrow(/needs --since/);
  expect(() => readFlags(["-"], tool, { since: 1 })).toThrow(/since is a number/);
});

test("of a choice of arguments the flags of all are known, and what fits none is refused", () => {
  const circle = {
    properties: { kind: { const: "circle" }, size: { type: "number" } },
    required: ["kind"],
    additionalProperties: false,
  };
  const named = {
    properties: { kind: { const: "named" }, size: { type: "string" }, name: { type: "string" } },
    required: ["kind", "name"],
  };
  const draws = { ...tool, inputSchema: { type: "object", anyOf: [circle, named] } };
  expect(readFlags(["--kind", "circle", "--size", "2"], draws).args).toEqual({ kind: "circle", size: 2 });
  expect(readFlags(["--kind", "named", "--name", "7", "--size", "big"], draws).args).toEqual({
    kind: "named",
    name: "7",
    size: "big",
  });
  expect(() => readFlags(["--kind", "named"], draws)).toThrow(/name is missing/);
  expect(() => readFlags([], draws)).toThrow(/needs --kind\./);
});

test.each([
  [["--tpo", "5"], /no flag --tpo\. Closest: --top/],
  [
    ["--registry", "x"],
    /no flag --registry\. It is an option of run, which stands before the script: mcp-bridge run --registry … weekly_report$/,
  ],
  [["--top", "many"], /--top takes a number; "many" is none/],
  [["--top"], /--top needs a value/],
  [["--top", "5"], /weekly_report needs --since/],
  [[], /weekly_report needs --since/],
  [["stray"], /stray is no flag/],
  [["--since", "1", "--unit", "year"], /weekly_report was not run: unit is "year"; it takes "day", "week"/],
  [["--where", "[1]"], /takes an object as JSON/],
  [["--a\u001b[2J", "1"], /no flag --a\u241b\[2J/],
])("wrong flags are refused with what is right, and print no control character: %j", (words, message) => {
  expect(() => args(...words)).toThrow(message);
  expect(() => args(...words)).toThrow(expect.objectContaining({ usage: `${flagsHelp(tool)}\n` }));
});

test("--help is of the script, and its examples can be pasted into a shell", () => {
  expect(readFlags(["--help"], tool).own.help).toBe(true);
  expect(readFlags(["-h"], tool).own.help).toBe(true);
  expect(flagsHelp(tool)).toBe(`Usage: mcp-bridge run weekly_report [flags]

Reports a week.

Flags:
  --since <string>           the first day (required)
  --top <number>             (default: 10)
  --dry-run <boolean>
  --ids <string>             (repeatable)
  --where <object>
  --text <string>
  --unit <day|week>

Examples:
  mcp-bridge run weekly_report --since 2026-11-01 --text 'it'\\''s'
  mcp-bridge run weekly_report --ids a --ids 'b c' --no-dry-run --where '{"a":1}' --top 5
  Once a week.`);
});

test("a skill has valid front matter and the call", { tags: ["saved.commands"] }, () => {
  const { text } = skillOf({ ...tool, name: "Text.Weekly", description: 'Reports: a "week".\n---\nname: other' });
  expect(text.split("\n").slice(0, 4)).toEqual([
    "---",
    "name: text-weekly",
    String.raw`description: "Reports: a \"week\". — name: other"`,
    "---",
  ]);
  expect(text).toContain('return await saved.Text_Weekly({"since":"2026-11-01","text":"it\'s"});');
});

test("a kind says what is in a list and in an object, and null is a value where it may be one", () => {
  const point = { type: "object", properties: { x: { type: "number" }, on: { type: "boolean" } }, required: ["x"] };
  const shapes = {
    name: "shapes",
    description: "Shapes.",
    inputSchema: {
      type: "object",
      properties: {
        at: point,
        points: { type: "array", items: point },
        ids: { type: "array", items: { type: ["string", "null"] } },
        rows: { type: "array", items: { type: "array", items: { enum: ["a", "b"] } } },
        any: { type: "array" },
        note: { type: ["string", "null"] },
      },
    },
  };
  const { text } = skillOf(shapes);
  for (const kind of [
    "at ({ x: number; on?: boolean })",
    "points ({ x: number; on?: boolean }[])",
    "ids ((string|null)[])",
    "rows ((a|b)[][])",
    "any (array)",
  ]) {
    expect(text).toContain(`- ${kind}`);
  }
  expect(flagsHelp(shapes)).toMatch(
    /--points <\{ x: number; on\?: boolean \}> \(repeatable\)\n {2}--ids <string\|null> .*\n {2}--rows <\(a\|b\)\[\]>/,
  );
  expect(readFlags(["--note", "null"], shapes).args).toEqual({ note: null });
  expect(readFlags(["--note", "nil"], shapes).args).toEqual({ note: "nil" });
});
