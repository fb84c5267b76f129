import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { limits } from "../../../core/limits.ts";
import { draftProgram } from "../../../core/program/draft.ts";
import { linkProgram } from "../../../core/program/program.ts";
import { createTypeCheck, TypeErrors } from "../../../core/program/type-check.ts";
import type { TypeChecker, TypeCheckInput, TypeProblem } from "../../../core/program/type-checker.ts";
import { serverEntry, tool } from "../../support/builders.ts";

const server = serverEntry("time");
const servers = [server];
const lower: TypeChecker["lower"] = async () => {
  throw new Error("no program of this file needs the compiler to be lowered");
};

/** Always returns the same problems, and records its inputs. */
function fakeChecker(problems: TypeProblem[] = []): TypeChecker & { asked: TypeCheckInput[] } {
  const asked: TypeCheckInput[] = [];
  return {
    asked,
    lower,
    async check(input) {
      asked.push(input);
      return problems;
    },
  };
}

/** Drafts, links and checks a program, as a session does before it runs one. */
async function check(typeCheck: ReturnType<typeof createTypeCheck>, code: string, tools = [tool("now")]): Promise<void> {
  const draft = await draftProgram({ code, language: "ts" }, { allowed: servers, registered: servers, lower });
  await typeCheck.check(
    draft,
    linkProgram(draft, () => tools),
    () => tools,
  );
}

describe("a program that was checked before", () => {
  test("is not checked again", { tags: ["typecheck.once"] }, async () => {
    const checker = fakeChecker();
    const typeCheck = createTypeCheck(checker);
    await check(typeCheck, "return time.now();");
    await check(typeCheck, "return time.now();");
    expect(checker.asked.length).toBe(1);
  });

  test("is refused again without another check", async () => {
    const problem: TypeProblem = { file: "main.ts", line: 1, column: 8, message: "no", suggestions: [] };
    const checker = fakeChecker([problem]);
    const typeCheck = createTypeCheck(checker);
    await expect(check(typeCheck, "return time.now();")).rejects.toThrow(TypeErrors);
    await expect(check(typeCheck, "return time.now();")).rejects.toThrow(TypeErrors);
    expect(checker.asked.length).toBe(1);
  });

  test("is checked again after its server's tools changed", { tags: ["typecheck.once"] }, async () => {
    const checker = fakeChecker();
    const typeCheck = createTypeCheck(checker);
    await check(typeCheck, "return time.now();");
    await check(typeCheck, "return time.now();", [tool("now", { outputSchema: { type: "object", required: ["at"] } })]);
    expect(checker.asked.length).toBe(2);
  });

  test("is forgotten after checkedProgramsMax other programs", async () => {
    const checker = fakeChecker();
    const typeCheck = createTypeCheck(checker);
    await check(typeCheck, "return 0;");
    for (let n = 1; n <= limits.checkedProgramsMax; n++) await check(typeCheck, `return ${n};`);
    await check(typeCheck, "return 0;");
    expect(checker.asked.length).toBe(limits.checkedProgramsMax + 2);
  });
});

describe("a type checker that fails", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("is reported, lets the program run, and is used again for the next check", { tags: ["typecheck.bounds"] }, async () => {
    let asked = 0;
    const typeCheck = createTypeCheck({
      lower,
      async check() {
        asked += 1;
        throw new RangeError("Maximum call stack size exceeded");
      },
    });
    await check(typeCheck, "return 1;");
    await check(typeCheck, "return 1;");
    expect(asked).toBe(2);
    expect(console.error).toHaveBeenCalledWith(expect.objectContaining({ event: "internal_error" }));
  });
});
