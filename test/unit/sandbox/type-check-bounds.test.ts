import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import type { TypeCheckInput } from "../../../core/program/type-checker.ts";
import { checkLimits } from "../../../worker/sandbox/compiler/check-limits.ts";
import { checkInNode } from "../../support/program-reader.ts";

const declaration = `export function current(args: { city: string }): Promise<{ temperature: number }>;\n`;

/** Runs only the checker, with one client. */
function check(sources: TypeCheckInput["sources"], links: TypeCheckInput["links"] = {}) {
  const files = Object.keys(sources).map((file) => [file, { weather: "mcp-clients/weather", ...links[file] }]);
  return checkInNode({
    sources,
    types: {},
    links: Object.fromEntries(files),
    declarations: { "mcp-clients/weather": declaration },
    tools: { "mcp-clients/weather": ["current"] },
    globals: "",
  });
}

function times(count: number, line: (index: number) => string, separator = "\n"): string {
  return Array.from({ length: count }, (_, index) => line(index)).join(separator);
}

const mistake = `\nimport { current } from "weather";\nreturn (await current({ city: "x" })).temprature;`;

describe("types that would keep the compiler busy count as any, and the rest is checked", () => {
  test.each([
    ["recursion", 'type R<N, A extends 0[] = []> = A["length"] extends N ? A : R<N, [...A, 0]>; let r: R<999>;'],
    [
      "template literal types",
      `type D = ${times(10, (n) => `"${n}"`, "|")}; type T = \`\${D}\${D}\${D}\${D}\${D}\${D}\`; let t: T;`,
    ],
    [
      "nested mapped types",
      `type U = ${times(99, (n) => `"${n}"`, "|")}; type M = { [A in U]: { [B in U]: { [C in U]: A } } }; let m: M;`,
    ],
    ["a union with very many members", `let u: ${times(checkLimits.checkedAlternativesMax + 1, (n) => `{ k: "${n}" }`, "|")};`],
    [
      "an intersection of many unions",
      `let i: ${times(checkLimits.checkedIntersectionMax + 1, (n) => `({ a${n}: 1 } | { b${n}: 2 } | { c${n}: 3 } | { d${n}: 4 })`, "&")}; i.nothing;`,
    ],
    ["types over several lines", "type C<T> =\n  T extends string\n    ? C<T[]>\n    : never;\nlet c: C<1>;"],
  ])("%s", { tags: ["typecheck.bounds"] }, async (_what, source) => {
    const line = source.split("\n").length + 2;
    expect(await check({ "main.ts": source + mistake })).toMatchObject([{ line, suggestions: ["temperature"] }]);
  });

  test("a union of checkedAlternativesMax members is still checked", async () => {
    const union = times(checkLimits.checkedAlternativesMax, (n) => `"${n}"`, "|");
    const source = `import { current } from "weather";\nlet n: ${union};\nawait current({ town: n });`;
    expect(await check({ "main.ts": source })).toMatchObject([{ line: 3, suggestions: ["city"] }]);
  });
});

describe("a program of any size", () => {
  test("is checked up to checkedCharsMax and runs unchecked above", { tags: ["typecheck.bounds"] }, async () => {
    const filler = "x".repeat(checkLimits.checkedCharsMax - mistake.length - "/**/".length);
    expect(await check({ "main.ts": `/*${filler}*/${mistake}` })).toHaveLength(1);
    expect(await check({ "main.ts": `/*${filler}x*/${mistake}` })).toEqual([]);
  });

  test("may contain JSON, which is typed if it is small", async () => {
    const main = `import data from "./data.json";${mistake.replace('"x"', "data.rows")}`;
    const links = { "main.ts": { "./data.json": "data.json" } };
    const small = { "main.ts": main, "data.json": '{ "rows": [1] }' };
    expect(await check(small, links)).toMatchObject([{ line: 3 }, { line: 3 }]);
    const large = { "main.ts": main, "data.json": `{ "rows": [${times(checkLimits.checkedJsonCharsMax / 2, () => "1", ",")}] }` };
    expect(await check(large, links)).toMatchObject([{ line: 3, suggestions: ["temperature"] }]);
  });

  test("with problems in many files gets only the first typeProblemsMax", async () => {
    const files = Array.from({ length: limits.filesMax }, (_, n) => [`f${n}.ts`, mistake]);
    expect(await check(Object.fromEntries(files))).toHaveLength(checkLimits.typeProblemsMax);
  });

  test("has its mistake found before thousands of harmless diagnostics", async () => {
    const harmless = times(3_000, (n) => `const o${n}: string = ${n};`);
    expect(await check({ "main.ts": `import { current } from "weather"; await current();\n${harmless}` })).toMatchObject([
      { line: 1 },
    ]);
  });
});

test("every export of a module without a declaration is any", async () => {
  const source = `import what, { other } from "unheard-of";\nimport * as all from "another";\nreturn [what.a.b(), other(1).c, all.d, new what.E()];`;
  expect(await check({ "main.ts": source })).toEqual([]);
});
