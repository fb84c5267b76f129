import { createHash } from "node:crypto";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { outcomeOfCall } from "../../../core/discovery/direct-call.ts";
import { UpstreamError } from "../../../core/errors.ts";
import { answerLimits } from "../../../core/run/answer-limits.ts";
import type { Outcome } from "../../../core/run/outcome.ts";
import { cutToTokens, tokensAtMost } from "../../../core/run/token-estimate.ts";
import { withRequestIds } from "../../../worker/objects/request-ids.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

/** Bytes without any order, the same ones each time. */
const noise = Buffer.concat(Array.from({ length: 250 }, (_, n) => createHash("sha256").update(String(n)).digest()));

const texts: Record<string, string> = {
  English: "The service could not reach the database, because the password was wrong. ".repeat(200),
  "a Python trace": `${Array.from({ length: 200 }, (_, n) => `  File "/usr/lib/app_${n}.py", line ${n * 7}, in step_${n}\n    return self._call(x)`).join("\n")}\nValueError: no table "users"`,
  HTML: `<!DOCTYPE html><body>${'<div class="a-b"><span>x</span></div>\n'.repeat(200)}`,
  Chinese: "数据库连接失败，请检查密码是否正确。龘靐齉爩".repeat(400),
  Hindi: "डेटाबेस से कनेक्ट नहीं हो सका क्योंकि पासवर्ड गलत था। ".repeat(100),
  cuneiform: "𒀀𒁀𓀀𓁀𐎠".repeat(600),
  emoji: "🧑🏽‍🚀🏳️‍🌈".repeat(1_000),
  base64: noise.toString("base64"),
  hex: noise.toString("hex"),
  "minified code": Array.from({ length: 400 }, (_, n) => `function a${n}(b,c){return b?c[${n}]:d(e=>e.f(g,h)||i)}`).join(""),
  JSON: JSON.stringify(
    Array.from({ length: 200 }, (_, n) => ({ code: `E${n}`, path: ["a", n], message: "Required", got: null })),
  ),
  "control characters": "\u0001\u0002\u001b[31m".repeat(2_000),
  quotes: '"\\"'.repeat(2_000),
};
const kinds = Object.keys(texts);

const {
  run: execute,
  orchestrator,
  clock,
} = startSession({
  servers: [serverEntry("odd"), serverEntry("down")],
  upstream: new FakeUpstream({
    odd: {
      tools: [tool("text"), tool("refuse"), tool("fail"), tool("show")],
      answers: {
        text: ({ kind }) => textResult(texts[String(kind)] ?? ""),
        refuse: ({ kind }) => ({ ...textResult(texts[String(kind)] ?? ""), isError: true }),
        show: {
          content: [
            { type: "text", text: "see" },
            { type: "text", text: "below" },
          ],
          isError: true,
        },
        fail: new UpstreamError("tool_error", "no", { delivery: "answered" }),
      },
    },
    down: { tools: new UpstreamError("server_unavailable", texts["a Python trace"] ?? "", { delivery: "not_sent" }) },
  }),
});

async function answerOf(code: string, more: object = {}): Promise<Outcome> {
  // What is oldest makes room.
  clock.advance(1);
  const input = { code: `import { odd } from "mcp-clients"; import { args } from "runtime";\n${code}`, ...more };
  return orchestrator.answer(await execute(input), input);
}

/** As the endpoint sends it. */
function tokensOf(answer: Outcome): number {
  return countTokens(JSON.stringify(withRequestIds(answer, { requestId: "286743650551350", run: "run_045610235645023" })));
}

async function read(handle: string | undefined): Promise<unknown> {
  const { result } = await execute({
    code: 'import { args, results } from "runtime"; return JSON.stringify(await results.get(args));',
    args: handle,
  });
  return JSON.parse(String(result));
}

const printedLines = "for (let n = 0; n < 200; n++) console.log(`line ${n} is printed`);";
const longLines =
  "for (let n = 0; n < 200; n++) console.log(`line ${n} is printed, and says so in a few words more than it should, as lines do`);";
/** The estimate of what cannot be read is right to a twentieth. */
const printingMax = 1.05 * (answerLimits.logsTokensMax + answerLimits.besideTokensMin);
const failedCalls = "for (let n = 0; n < 40; n++) await odd.fail({}).catch(() => 0);";

describe("an answer", { tags: ["results.budget"] }, () => {
  describe.each(kinds)("with much %s in it", (kind) => {
    test.each([
      ["in a server's error", "return await odd.refuse(args);"],
      ["in an error of the program", "const text = await odd.text(args); throw new Error(text + text);"],
      ["beside calls that failed", `${failedCalls} await odd.refuse(args);`],
      ["in a result too long to show", `${failedCalls} return Array(40).fill(await odd.text(args));`],
    ])("costs at most its budget: %s", async (_place, code) => {
      const answer = await answerOf(code, { args: { kind } });
      expect(tokensOf(answer)).toBeLessThanOrEqual(answerLimits.answerTokensMax);
    });

    test.each([
      ["by itself", "for (let n = 0; n < 40; n++) console.log(await odd.text(args));"],
      [
        "beside calls that failed and an error",
        `${failedCalls} for (let n = 0; n < 40; n++) console.log(await odd.text(args)); await odd.refuse(args);`,
      ],
    ])("costs at most what lines may, if it is printed %s", async (_place, code) => {
      expect(tokensOf(await answerOf(code, { args: { kind } }))).toBeLessThanOrEqual(printingMax);
    });
  });

  test.each([
    ["a listing that failed", 'import { down } from "mcp-clients"; return await down.any({});'],
    [
      "many errors",
      Array.from({ length: 40 }, (_, n) => `export const a = ${n}; await odd.missing${n}({ a: "${"x".repeat(300)}" });`).join(
        "\n",
      ),
    ],
    ["a hint that quotes a tool", "const r = await odd.text(args); return { a: r.nothing };"],
    ["a long name", `return await odd[${JSON.stringify("龘靐".repeat(500))}]({});`],
  ])("of %s costs at most its budget", async (_title, code) => {
    const answer = await answerOf(code, { args: { kind: "emoji" } });
    expect(tokensOf(answer)).toBeLessThanOrEqual(answerLimits.answerTokensMax);
  });

  test("that is short stays as it is", async () => {
    const outcome = await execute({ code: 'console.log("a"); throw new Error("b");' });
    expect(orchestrator.answer(outcome, {})).toBe(outcome);
  });

  test("keeps the start and the end of an error, its frame and the failed call, and the handle reads all of it", async () => {
    const answer = await answerOf("return await odd.refuse(args);", { args: { kind: "a Python trace" } });
    const [error] = answer.errors ?? [];
    expect(error?.message).toMatch(/^ {2}File "\/usr\/lib\/app_0.py".* … \d+ more characters … .*ValueError: no table "users"$/s);
    expect(error?.frame).toContain("> 2 | return await odd.refuse(args);");
    expect(answer.calls).toMatchObject([{ tool: "refuse", outcome: "failed" }]);
    expect(answer.hint).toContain(`results.get("${answer.wholeHandle}")`);
    const whole = await read(answer.wholeHandle);
    expect(whole).toMatchObject({ errors: [{ code: "tool_error", message: expect.stringContaining("app_180.py") }] });
  });

  test("has 200 short lines whole", async () => {
    const answer = await answerOf(`${printedLines} return 1;`);
    expect(answer).toMatchObject({ ok: true, logs: { length: 200 } });
    expect(answer).not.toHaveProperty("wholeHandle");
  });

  test("has the first of many lines of a program that succeeded, the last of one that failed, and counts the others", async () => {
    const done = await answerOf(`${longLines} return 1;`);
    expect(done.logs?.[0]?.message).toMatch(/^line 0 is printed/);
    expect(done.logsDropped).toBeGreaterThan(0);
    expect((done.logs?.length ?? 0) + (done.logsDropped ?? 0)).toBe(200);
    expect(await read(done.wholeHandle)).toMatchObject({ logs: { length: 200 } });
    const failed = await answerOf(`${longLines} throw new Error("a");`);
    expect(failed.logs?.at(-1)?.message).toMatch(/^line 199 is printed/);
    expect(failed.errors).toMatchObject([{ message: "a" }]);
  });

  test("has all lines that maxLogs asks for", async () => {
    const answer = await answerOf(`${longLines} return 1;`, { maxLogs: 150 });
    expect(answer).toMatchObject({ logs: { length: 150 }, logsDropped: 50 });
    expect(answer).not.toHaveProperty("wholeHandle");
  });

  test("shows a result as it is, however much comes with it", async () => {
    const answer = await answerOf(`${failedCalls} return await odd.text(args);`, { args: { kind: "English" } });
    expect(answer.result).toBe(texts.English);
    expect(countTokens(JSON.stringify({ ...answer, result: "" }))).toBeLessThanOrEqual(answerLimits.besideTokensMin);
  });

  test("counts the failed calls that it leaves out, and a handle reads each", async () => {
    const answer = await answerOf(`${failedCalls} ${longLines} return 1;`);
    const shown = answer.calls?.length ?? 0;
    expect(shown).toBeGreaterThan(0);
    expect(shown + (answer.callsOmitted ?? 0)).toBe(40);
    expect(await read(answer.callsHandle)).toHaveLength(40);
  });

  test("has the text of a tool's error that the program returns once, and all that it says besides", async () => {
    const caught = (call: string) =>
      `const error = await ${call}.catch((thrown) => thrown); return { error, content: error.content };`;
    const text = texts.quotes;
    const one = await answerOf(caught("odd.refuse(args)"), { args: { kind: "quotes" } });
    expect(one.result).toEqual({
      error: { name: "McpToolError", message: text, server: "odd", tool: "refuse", code: "tool_error" },
      content: [{ type: "text", text }],
    });
    const two = await answerOf(caught("odd.show({})"));
    expect(two.result).toMatchObject({ error: { message: "see\nbelow", content: [{ text: "see" }, { text: "below" }] } });
  });

  test("in direct mode says how the rest is read there", async () => {
    const answer = await answerOf("return await odd.refuse(args);", { args: { kind: "JSON" } });
    expect(outcomeOfCall(answer)).toMatchObject({
      wholeHandle: answer.wholeHandle,
      hint: expect.stringContaining('tool: "results.get"'),
    });
  });
});

describe("the estimate of a text's tokens", () => {
  test.each([...kinds, "code"])("is hardly ever too low, and seldom twice too high, for %s", (kind) => {
    const text = JSON.stringify((texts[kind] ?? cutToTokens.toString()).slice(0, 4_000));
    expect(tokensAtMost(text)).toBeGreaterThanOrEqual(countTokens(text) * 0.9);
  });

  test("of plain sentences and code is near", () => {
    for (const text of [
      texts.English ?? "",
      JSON.stringify({ server: "files", tool: "read_file", outcome: "failed" }),
      cutToTokens.toString(),
    ]) {
      expect(tokensAtMost(text)).toBeLessThanOrEqual(countTokens(text) * 1.6 + 5);
    }
  });
});

describe("a text that is cut to its tokens", () => {
  test.each([40, 200, 1_000])("costs at most %d, and is whole if it can be", (tokensMax) => {
    for (const text of Object.values(texts)) {
      const cut = cutToTokens(text, tokensMax);
      expect(tokensAtMost(JSON.stringify(cut))).toBeLessThanOrEqual(tokensMax);
      expect(cut.isWellFormed()).toBe(true);
    }
    expect(cutToTokens("short", tokensMax)).toBe("short");
    expect(cutToTokens("", tokensMax)).toBe("");
  });
});
