import { describe, expect, test } from "vitest";
import type { Ask, Asked } from "../../../core/calls/elicitation.ts";
import type { JsonValue } from "../../../core/json.ts";
import { limits } from "../../../core/limits.ts";
import type { Elicitation, ElicitationAnswer } from "../../../core/mcp/elicitation.ts";
import type { CallToolResult } from "../../../core/mcp/tool-result.ts";
import type { UpstreamCallOptions } from "../../../core/mcp/upstream.ts";
import { policyLimits } from "../../../core/policy/policy-limits.ts";
import { errorResult, serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { nodeSandbox } from "../../support/node-sandbox.ts";
import { startSession } from "../../support/session.ts";

/* Elicitation requests that a server sends while a program waits for its tool. */

const form: Elicitation = {
  mode: "form",
  message: "Which account?",
  requestedSchema: {
    type: "object",
    properties: { account: { type: "string", description: "Its name" }, note: { type: "string" } },
    required: ["account"],
  },
};
const address: Elicitation = { mode: "url", message: "Sign in first.", url: "https://bank.example/login?for=me" };
const program = `import { bank } from "mcp-clients"; return await bank.pay({});`;

interface World {
  onElicit?: Ask;
  question?: Elicitation;
  isCertain?: boolean;
  /** The server's tool result for the answer. */
  answer?: (answer: ElicitationAnswer) => CallToolResult;
  code?: string;
  maxRuntimeMs?: number;
  /** Called when the isolate asks whether the run's time is paused. */
  onHeldAsked?: () => void;
}

function start({ onElicit, question = form, isCertain = true, answer, code = program, maxRuntimeMs, onHeldAsked }: World = {}) {
  const told: ElicitationAnswer[] = [];
  async function pay(_args: Record<string, JsonValue>, { onElicit: ask, signal }: UpstreamCallOptions): Promise<CallToolResult> {
    const said = (await ask?.(question, { isCertain, signal })) ?? { action: "cancel" };
    told.push(said);
    return answer?.(said) ?? textResult(JSON.stringify({ said: said.action }));
  }
  const upstream = new FakeUpstream({ bank: { tools: [tool("pay")], answers: { pay } } });
  const session = startSession({
    servers: [serverEntry("bank")],
    upstream,
    sandbox: {
      run: (linked, caller, options) =>
        nodeSandbox.run(
          linked,
          {
            callMcpTool(id, name, argsJson, form) {
              if (name === "time.held") onHeldAsked?.();
              return caller.callMcpTool(id, name, argsJson, form);
            },
          },
          options,
        ),
    },
  });
  const outcome = session.orchestrator.execute(
    { code, ...(maxRuntimeMs === undefined ? {} : { maxRuntimeMs }) },
    { signal: new AbortController().signal, onProgress: () => {}, ...(onElicit ? { onElicit } : {}) },
  );
  return { ...session, outcome, told };
}

const accept: ElicitationAnswer = { action: "accept", content: { account: "savings" } };

/** A user whose answer the test gives by calling `answer`. */
function person() {
  const { promise: asked, resolve: sawQuestion } = Promise.withResolvers<Asked>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<ElicitationAnswer>();
  const onElicit: Ask = async (question) => {
    sawQuestion(question);
    return { kind: "answered", answer: await answered };
  };
  return { onElicit, asked, answer };
}

describe("an elicitation request", () => {
  test("is shown to the user with the names of server and tool, and the server gets the answer", async () => {
    const { onElicit, asked, answer } = person();
    const { outcome, told } = start({ onElicit });
    expect(await asked).toEqual({ server: "bank", tool: "pay", question: form });
    answer(accept);
    expect(await outcome).toMatchObject({ ok: true, result: { said: "accept" }, calls: [{ outcome: "succeeded" }] });
    expect(told).toEqual([accept]);
  });

  test("that the user declines or cancels does not fail the call: the server decides", async () => {
    for (const action of ["decline", "cancel"] as const) {
      const { outcome } = start({ onElicit: async () => ({ kind: "answered", answer: { action } }) });
      expect(await outcome).toMatchObject({ ok: true, result: { said: action }, calls: [{ outcome: "succeeded" }] });
    }
  });

  test("that cannot be shown to a user fails the call with the question and the next step, and the server gets cancel", {
    tags: ["questions.unasked"],
  }, async () => {
    const { outcome, told } = start();
    expect(await outcome).toMatchObject({
      ok: false,
      errors: [
        {
          code: "approval_required",
          phase: "tool",
          retryable: false,
          server: "bank",
          tool: "pay",
          line: 1,
          message: expect.stringMatching(
            /^bank\.pay asks a person[\s\S]*cannot be asked[\s\S]*Which account\?[\s\S]*- account \(string\): Its name\n- note \(string, optional\)[\s\S]*as an argument/,
          ),
        },
      ],
      calls: [{ outcome: "failed", retrySafe: false }],
    });
    expect(told).toEqual([{ action: "cancel" }]);
  });

  test("that cannot be shown is the content of the error that the program catches", async () => {
    const code = `import { bank } from "mcp-clients";
      try { await bank.pay({}); } catch (error) { return [error.code, error.content]; }`;
    expect(await start({ code }).outcome).toMatchObject({ ok: true, result: ["approval_required", [form]] });
    const url = await start({ code, question: address }).outcome;
    expect(url).toMatchObject({ ok: true, result: ["approval_required", [address]] });
  });

  test("in URL mode that cannot be shown fails with the URL in the message", async () => {
    expect(await start({ question: address }).outcome).toMatchObject({
      errors: [{ code: "approval_required", message: expect.stringContaining(address.url) }],
    });
  });

  test("that may belong to any of several calls fails only a call whose tool returns an error", {
    tags: ["questions.unasked"],
  }, async () => {
    expect(await start({ isCertain: false }).outcome).toMatchObject({ ok: true, result: { said: "cancel" } });
    const failed = start({ isCertain: false, answer: () => errorResult("I was told no.") });
    expect(await failed.outcome).toMatchObject({ ok: false, errors: [{ code: "approval_required" }] });
  });
});

describe("while a user has not answered", () => {
  test("the time of the run is paused", { tags: ["questions.time"] }, async () => {
    const { onElicit, asked, answer } = person();
    const { outcome, clock } = start({ onElicit });
    await asked;
    clock.advance(limits.answerMs - 1);
    answer(accept);
    expect(await outcome).toMatchObject({ ok: true, result: { said: "accept" } });
    // The place of a run is given back when nothing else has needed it for a moment.
    clock.advance(policyLimits.idlePlaceMs);
    expect(clock.pending).toBe(0);
  });

  test("the isolate's time is paused too, and the program continues with the rest of it", {
    tags: ["questions.time"],
  }, async () => {
    const { onElicit, asked, answer } = person();
    const { promise: timeWasUp, resolve } = Promise.withResolvers<void>();
    const code = `import { bank } from "mcp-clients";
      const { said } = await bank.pay({});
      let sum = 0;
      for (let i = 0; i < 1_000; i++) sum += i;
      return [said, sum];`;
    const { outcome, clock } = start({ onElicit, code, maxRuntimeMs: 1_000, onHeldAsked: resolve });
    await asked;
    await timeWasUp;
    clock.advance(60_000);
    answer(accept);
    expect(await outcome).toMatchObject({ ok: true, result: ["accept", 499_500] });
  });

  test("the call waits for at most ten minutes, then fails", { tags: ["questions.time"] }, async () => {
    const { onElicit, asked } = person();
    const { outcome, clock, told } = start({ onElicit });
    await asked;
    clock.advance(limits.answerMs);
    expect(await outcome).toMatchObject({
      errors: [{ code: "approval_required", message: expect.stringContaining("within 10 minutes") }],
    });
    expect(told).toEqual([{ action: "cancel" }]);
    clock.advance(policyLimits.idlePlaceMs);
    expect(clock.pending).toBe(0);
  });
});

test("a run may ask questionsPerRunMax questions, and the next one fails its call", async () => {
  let asked = 0;
  const onElicit: Ask = async () => {
    asked += 1;
    return { kind: "answered", answer: accept };
  };
  const calls = (times: number) =>
    `import { bank } from "mcp-clients"; let n = 0; while (n < ${times}) { await bank.pay({}); n += 1; } return n;`;
  const upTo = await start({ onElicit, code: calls(limits.questionsPerRunMax) }).outcome;
  expect(upTo).toMatchObject({ ok: true, result: limits.questionsPerRunMax });
  const over = await start({ onElicit, code: calls(limits.questionsPerRunMax + 1) }).outcome;
  expect(over).toMatchObject({ ok: false, errors: [{ code: "approval_required" }] });
  expect(asked).toBe(2 * limits.questionsPerRunMax);
});
