import { describe, expect, test } from "vitest";
import { LastLines } from "../../../bridge/stdio/last-lines.ts";
import { stdioLimits } from "../../../bridge/stdio/stdio-limits.ts";
import { limits } from "../../../core/limits.ts";

function printed(...lines: string[]): string {
  const all = new LastLines();
  for (const line of lines) all.add(line);
  return all.toMessage();
}

describe("the output in an error", () => {
  test("is empty for a process that printed nothing but empty lines", () => {
    expect(printed("", "  ")).toBe("");
  });

  test("has every line of a short one", () => {
    expect(printed("npm error 404", "usage: npx")).toBe(" Its output:\n  npm error 404\n  usage: npx");
  });

  test("has the first and the last lines of a long one, and how many are missing", () => {
    const text = printed("npm error 404 not found", ...Array.from({ length: 50 }, (_, index) => `usage ${index}`), "exit");
    expect(text).toMatch(/^ Its output:\n {2}npm error 404 not found\n/);
    expect(text).toMatch(/\n {2}… 32 more lines …\n/);
    expect(text).toMatch(/\n {2}usage 49\n {2}exit$/);
    expect(text.split("\n")).toHaveLength(1 + stdioLimits.stderrLines + 1);
  });

  test("leaves out the frames of a stack and the place that Node prints above an error", () => {
    const error = ["Error: Cannot find module 'x'", "Require stack:", "- /a/b.js"];
    const frames = ["    at f (node:internal/modules/loader:15:1)", "    at Object.<anonymous> (/a/b.js:1:14) {"];
    const place = ["node:internal/modules/loader:1564", "    const err = new Error(message);", "                ^"];
    const rest = ["  code: 'MODULE_NOT_FOUND'", "}"];
    expect(printed(...place, ...error, ...frames, ...rest)).toBe(printed(...error, ...rest));
    expect(printed(...frames)).toContain("at f");
    const words = ["meet me at 10:15:00", "^", "a:1", "b"];
    expect(printed(...words)).toBe(` Its output:\n${words.map((line) => `  ${line}`).join("\n")}`);
  });

  test("is short enough for the last line to be shown, even if all lines are long", () => {
    const text = printed(
      ...Array.from({ length: 60 }, (_, index) => `${index} ${"x".repeat(2 * stdioLimits.stderrLineCharsMax)}`),
    );
    expect(text.length).toBeLessThan(limits.errorCharsMax - 200);
    expect(text).toContain("\n  59 xxx");
    expect(text).toContain("\n  0 xxx");
  });

  test("has no half of a character and nothing that only a model reads", () => {
    expect(printed(`${"🚀".repeat(stdioLimits.stderrLineCharsMax)}`).isWellFormed()).toBe(true);
    expect(printed("bad\u{e0041}\u200b key")).toBe(" Its output:\n  bad key");
  });
});
