import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { limits } from "../../core/limits.ts";
import type { Elicitation, ElicitationMode } from "../../core/mcp/elicitation.ts";
import type { SentFrame } from "../../core/tunnel/frames.ts";
import type { Step } from "../../worker/mcp/elicitation.ts";
import { callGreet, dial, greet, type Request, textResult } from "./dial.ts";
import { endOf, Listener, run } from "./run.ts";

/* Runs that wait for a person. The server behind the bridge elicits the name to greet. */

const question: Elicitation = {
  mode: "form",
  message: "Greet whom?",
  requestedSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
};

/** A bridge whose server elicits before it greets. `heard` has the requests that the bridge received. */
async function dialAsking(session: string) {
  const heard: Request[] = [];
  const cancelled = Promise.withResolvers<void>();
  const bridge = await dial(session, (request): SentFrame | undefined => {
    heard.push(request);
    switch (request.type) {
      case "list_tools":
        return { type: "result", id: request.id, value: [greet] };
      case "call_tool":
        return { type: "elicit", id: request.id, question: `of ${request.id}`, elicitation: question, isCertain: true };
      case "elicit_answer": {
        const { answer } = request;
        const said = answer.action === "accept" ? `Hello ${String(answer.content?.name)}` : answer.action;
        return textResult(request.id, said);
      }
      case "cancel":
        cancelled.resolve();
        return undefined;
      default:
        return undefined;
    }
  });
  return { ...bridge, heard, cancelled: cancelled.promise };
}

function sessionOf(session: string) {
  return env.SESSIONS.getByName(`owner/${session}`);
}

async function startAsking(session: string, code = callGreet, modes: ElicitationMode[] = ["form"]) {
  using handle = await sessionOf(session).startRun({ code }, new Listener(), { modes });
  return asksOf(await handle.next());
}

async function answer(session: string, token: string, responses: Record<string, unknown>): Promise<Step> {
  using handle = await sessionOf(session).answerRun({ token, responses }, new Listener(), asks);
  return handle.next();
}

function asksOf(step: Step): Extract<Step, { kind: "asks" }> {
  if (step.kind === "ended") throw new Error(`the run ended: ${JSON.stringify(step.outcome)}`);
  return step;
}

const asks = { modes: ["form"] as ElicitationMode[] };
const ada = { action: "accept", content: { name: "Ada" } };
const nobodyWaits = {
  ok: false,
  errors: [{ code: "invalid_input", message: expect.stringContaining("no run of this session") }],
};

describe("a run whose server elicits", () => {
  test("waits after its request has ended, and continues with the answer", async () => {
    const session = crypto.randomUUID();
    await dialAsking(session);
    const { token, questions } = await startAsking(session);
    expect(questions).toEqual([{ id: "question-1", server: "time", tool: "greet", question }]);
    expect(endOf(await answer(session, token, { "question-1": ada }))).toMatchObject({
      ok: true,
      result: "Hello Ada",
      calls: [{ server: "time", tool: "greet", outcome: "succeeded" }],
    });
  });

  test("repeats the elicitation with a new token after an invalid answer", async () => {
    const session = crypto.randomUUID();
    await dialAsking(session);
    const first = await startAsking(session);
    const second = asksOf(await answer(session, first.token, { "question-1": { action: "maybe" }, other: ada }));
    expect(second.questions).toEqual(first.questions);
    expect(second.token).not.toBe(first.token);
    expect(endOf(await answer(session, second.token, { "question-1": { action: "decline" } }))).toMatchObject({
      result: "decline",
    });
  });

  test("stops for one elicitation after another, and for simultaneous ones together", async () => {
    const session = crypto.randomUUID();
    await dialAsking(session);
    const code = `import { time } from "mcp-clients";
      const one = await time.greet({ name: "" });
      return [one, ...(await Promise.all([time.greet({ name: "" }), time.greet({ name: "" })]))];`;
    let step: Step = await startAsking(session, code);
    const seen: number[] = [];
    while (step.kind === "asks") {
      seen.push(step.questions.length);
      const responses = Object.fromEntries(step.questions.map(({ id }) => [id, { action: "accept", content: { name: id } }]));
      step = await answer(session, step.token, responses);
    }
    expect(endOf(step)).toMatchObject({
      ok: true,
      result: ["Hello question-1", "Hello question-2", "Hello question-3"],
    });
    expect(seen[0]).toBe(1);
    expect(seen.reduce((sum, count) => sum + count)).toBe(3);
  });

  test("sends its lines to the client that continues it", async () => {
    const session = crypto.randomUUID();
    await dialAsking(session);
    const code = `import { time } from "mcp-clients";
      const greeted = time.greet({ name: "" });
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log("while it asks");
      await greeted;
      console.log("after it");`;
    const { token } = await startAsking(session, code);
    const lines: string[] = [];
    const listener = new Listener({ onPrinted: (printed) => lines.push(...printed.map(({ message }) => message)) });
    using handle = await sessionOf(session).answerRun({ token, responses: { "question-1": ada } }, listener, asks);
    expect(endOf(await handle.next())).toMatchObject({ ok: true });
    expect(lines.filter((line) => line === "after it")).toHaveLength(1);
  });

  test("is cancelled when the client that continued it disconnects", async () => {
    const session = crypto.randomUUID();
    const { cancelled } = await dialAsking(session);
    const code = `import { time } from "mcp-clients"; await time.greet({ name: "" }); await new Promise(() => {});`;
    const { token } = await startAsking(session, code);
    const handle = await sessionOf(session).answerRun({ token, responses: {} }, new Listener(), asks);
    await handle.cancel();
    await cancelled;
    expect(endOf(await handle.next())).toMatchObject({ ok: false, errors: [{ code: "cancelled" }] });
    handle[Symbol.dispose]();
  });

  test("fails the call, with the question, if the client has no elicitation", async () => {
    const session = crypto.randomUUID();
    const { heard } = await dialAsking(session);
    expect(await run({ code: callGreet }, { session })).toMatchObject({
      ok: false,
      errors: [{ code: "approval_required", server: "time", tool: "greet", message: expect.stringContaining("Greet whom?") }],
      calls: [{ outcome: "failed" }],
    });
    expect(heard.at(-1)).toMatchObject({ type: "elicit_answer", answer: { action: "cancel" } });
  });
});

describe("a token", () => {
  test("works once and only in its session", { tags: ["questions.token"] }, async () => {
    const session = crypto.randomUUID();
    await dialAsking(session);
    const { token } = await startAsking(session);
    expect(endOf(await answer(crypto.randomUUID(), token, { "question-1": ada }))).toMatchObject(nobodyWaits);
    expect(endOf(await answer(session, `${token}x`, { "question-1": ada }))).toMatchObject(nobodyWaits);
    expect(endOf(await answer(session, token, { "question-1": ada }))).toMatchObject({ ok: true });
    expect(endOf(await answer(session, token, { "question-1": ada }))).toMatchObject(nobodyWaits);
  });
});

test("a session refuses to suspend more than suspendedRunsMax runs until one of them has its answer", {
  tags: ["questions.token"],
}, async () => {
  const session = crypto.randomUUID();
  await dialAsking(session);
  const waiting: string[] = [];
  while (waiting.length < limits.suspendedRunsMax) waiting.push((await startAsking(session)).token);
  using over = await sessionOf(session).startRun({ code: callGreet }, new Listener(), { modes: ["form"] });
  expect(endOf(await over.next())).toMatchObject({
    errors: [{ code: "approval_required", message: expect.stringContaining(`${limits.suspendedRunsMax} runs`) }],
  });
  const [first = ""] = waiting;
  expect(endOf(await answer(session, first, { "question-1": ada }))).toMatchObject({ ok: true });
  expect((await startAsking(session)).questions).toHaveLength(1);
});
