import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { limits } from "../../../core/limits.ts";
import { createKeptReadings } from "../../../core/program/kept-readings.ts";
import { readProgram } from "../../../core/program/read-program.ts";
import { knownServer, Mentions } from "../../../core/program/read-request.ts";
import type { ProgramReader, Reading, ReadRequest } from "../../../core/program/reader.ts";
import type { TypeChecker, TypeCheckInput, TypeProblem } from "../../../core/program/type-checker.ts";
import { tool } from "../../support/builders.ts";

const lower: TypeChecker["lower"] = () => {
  throw new Error("no program of this file needs the compiler to be lowered");
};

const signature: TypeChecker["signature"] = () => {
  throw new Error("no program of this file is asked for its signature");
};

/** Always returns the same problems, and records its inputs. */
function fakeChecker(problems: TypeProblem[] = []): TypeChecker & { asked: TypeCheckInput[] } {
  const asked: TypeCheckInput[] = [];
  return {
    asked,
    lower,
    signature,
    check(input) {
      asked.push(input);
      return problems;
    },
  };
}

function readerWith(checker: TypeChecker): ProgramReader {
  return createKeptReadings({ read: async (request) => readProgram(request, checker) });
}

/** Reads a program that may use one server. */
function read(reader: ProgramReader, code: string, tools = [tool("now")]): Promise<Reading> {
  const request: ReadRequest = {
    entry: "main.ts",
    sources: { "main.ts": code },
    language: "ts",
    allowed: ["time"],
    registered: [{ id: "time", visibility: "default", sensitivity: "low" }],
    listings: [knownServer("time", tools, new Mentions([code]))],
  };
  return reader.read(request, new AbortController().signal);
}

describe("a program that was read before", () => {
  test("is not read again", { tags: ["typecheck.once"] }, async () => {
    const checker = fakeChecker();
    const reader = readerWith(checker);
    const first = await read(reader, "return time.now();");
    expect(first).toMatchObject({ kind: "ready", servers: ["time"] });
    expect(await read(reader, "return time.now();")).toEqual({ ...first, isKept: true });
    expect(checker.asked.length).toBe(1);
  });

  test("is refused again without another check", async () => {
    const problem: TypeProblem = { file: "main.ts", line: 1, column: 8, message: "no", suggestions: [] };
    const checker = fakeChecker([problem]);
    const reader = readerWith(checker);
    const refused = { kind: "refused", errors: [{ code: "type_error", message: "no", line: 1, column: 8 }] };
    expect(await read(reader, "return time.now();")).toMatchObject(refused);
    expect(await read(reader, "return time.now();")).toMatchObject(refused);
    expect(checker.asked.length).toBe(1);
  });

  test("is read again after its server's tools changed", { tags: ["typecheck.once"] }, async () => {
    const checker = fakeChecker();
    const reader = readerWith(checker);
    await read(reader, "return time.now();");
    await read(reader, "return time.now();", [tool("now", { outputSchema: { type: "object", required: ["at"] } })]);
    expect(checker.asked.length).toBe(2);
  });

  test("is not read again after a tool changed that it does not mention", async () => {
    const checker = fakeChecker();
    const reader = readerWith(checker);
    await read(reader, "return time.now();", [tool("now"), tool("then")]);
    await read(reader, "return time.now();", [tool("now"), tool("then", { description: "Other words." })]);
    expect(checker.asked.length).toBe(1);
  });

  test("is forgotten after readProgramsMax other programs", async () => {
    const checker = fakeChecker();
    const reader = readerWith(checker);
    await read(reader, "return 0;");
    for (let n = 1; n <= limits.readProgramsMax; n++) await read(reader, `return ${n};`);
    await read(reader, "return 0;");
    expect(checker.asked.length).toBe(limits.readProgramsMax + 2);
  });

  test("is forgotten after others of readProgramsCharsMax in all", async () => {
    const checker = fakeChecker();
    const reader = readerWith(checker);
    await read(reader, "return 0;");
    const large = `return "${"x".repeat(limits.sourceBytesMax / 2)}"`;
    const programs = Math.ceil((limits.readProgramsCharsMax * 2) / limits.sourceBytesMax);
    for (let n = 0; n < programs; n++) await read(reader, `${large} + ${n};`);
    await read(reader, "return 0;");
    expect(checker.asked.length).toBe(programs + 2);
  });
});

test("a program that uses a server whose tools are not known needs them", async () => {
  const checker = fakeChecker();
  const request = (code: string): ReadRequest => ({
    entry: "main.ts",
    sources: { "main.ts": code },
    language: "ts",
    allowed: ["time", "grep"],
    registered: [],
    listings: [],
  });
  expect(readProgram(request("return time.now();"), checker)).toEqual({ kind: "needs", servers: ["time"], optional: [] });
  const all = 'import * as c from "mcp-clients"; return c;';
  expect(readProgram(request(all), checker)).toEqual({
    kind: "needs",
    servers: ["time", "grep"],
    optional: ["time", "grep"],
  });
  expect(readProgram(request('"time and grep"; return 1;'), checker)).toMatchObject({ kind: "ready", servers: [] });
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
    const reader = readerWith({
      lower,
      signature,
      check() {
        asked += 1;
        throw new RangeError("Maximum call stack size exceeded");
      },
    });
    expect(await read(reader, "return 1;")).toMatchObject({ kind: "ready" });
    expect(await read(reader, "return 1;")).toMatchObject({ kind: "ready" });
    expect(asked).toBe(2);
    expect(console.error).toHaveBeenCalledWith(expect.objectContaining({ event: "internal_error" }));
  });
});

describe("what a program's text mentions", () => {
  test.each([
    ["a wire name that is an identifier", "return hub.get_sum();", "get_sum"],
    ["a wire name as a string", 'return hub.$call("get-sum");', "get-sum"],
    ["the identifier of a wire name", "return hub.get_sum();", "get-sum"],
    ["a name with a dollar sign", "return hub.$get();", "$get"],
    ["a name in another script, which is always sent", "return 1;", "größe"],
    ["a name without a word, which is always sent", "return 1;", "→"],
  ])("has %s", (_title, text, name) => {
    expect(new Mentions([text]).has(name)).toBe(true);
  });

  test("has no name that is only part of a word", () => {
    const mentions = new Mentions(["return time.current_time();", "other"]);
    expect(["current_time", "time", "other"].filter((name) => mentions.has(name))).toEqual(["current_time", "time", "other"]);
    expect(["current", "get-time", "tim"].filter((name) => mentions.has(name))).toEqual([]);
  });
});
