import { describe, expect, test } from "vitest";
import type { Asked } from "../../core/calls/elicitation.ts";
import { limits } from "../../core/limits.ts";
import { LiveRun } from "../../core/run/live-run.ts";
import { SuspendedRuns } from "../../core/run/suspended-runs.ts";
import { elicitationModesOf, toInputRequired, whyCannotShow } from "../../worker/mcp/elicitation.ts";
import { RunAudience } from "../../worker/objects/run-audience.ts";
import { ManualClock } from "../support/fakes.ts";

/* How long a run waits for a person, and how its elicitations are sent to the client. */

const asked: Asked = {
  server: "bank",
  tool: "pay",
  question: {
    mode: "form",
    message: "Which account?",
    requestedSchema: { type: "object", properties: { account: { type: "string" } }, required: ["account"] },
  },
};
const address: Asked = { ...asked, question: { mode: "url", message: "Sign in.", url: "https://bank.example/login" } };

/** A run that elicits at once, and ends with the answer or when it is cancelled. */
function startAsking() {
  return new LiveRun({
    audience: new RunAudience(() => undefined),
    canAsk: true,
    whyNotAsk: () => undefined,
    async execute({ onElicit, signal }) {
      const reply = onElicit?.(asked, signal);
      const cancelled = new Promise((resolve) => signal.addEventListener("abort", () => resolve("cancelled")));
      return { ok: true, result: await Promise.race([reply, cancelled]), durationMs: 0 };
    },
  });
}

function keep() {
  const clock = new ManualClock();
  let tokens = 0;
  return { clock, suspended: new SuspendedRuns({ clock, newToken: () => `token-${++tokens}` }) };
}

describe("a suspended run", () => {
  test("is cancelled when it was not answered within answerMs", { tags: ["questions.time"] }, async () => {
    const { clock, suspended } = keep();
    const run = startAsking();
    const token = suspended.keep(run);
    clock.advance(limits.answerMs - 1);
    expect(run.isCancelled).toBe(false);
    clock.advance(1);
    expect(run.isCancelled).toBe(true);
    expect(suspended.take(token)).toBeUndefined();
    expect(await run.next()).toMatchObject({ kind: "ended", outcome: { result: "cancelled" } });
  });

  test("can be taken once, and is not cancelled afterwards", async () => {
    const { clock, suspended } = keep();
    const run = startAsking();
    const token = suspended.keep(run);
    expect(suspended.take(token)).toBe(run);
    expect(suspended.take(token)).toBeUndefined();
    clock.advance(2 * limits.answerMs);
    expect(run.isCancelled).toBe(false);
    expect(clock.pending).toBe(0);
    expect(await run.next()).toMatchObject({ kind: "asks", questions: [{ id: "question-1", ...asked }] });
    run.answer({ "question-1": { action: "decline" } });
    expect(await run.next()).toMatchObject({ outcome: { result: { kind: "answered", answer: { action: "decline" } } } });
  });

  test("counts towards suspendedRunsMax until it is taken", () => {
    const { suspended } = keep();
    const tokens = Array.from({ length: limits.suspendedRunsMax }, () => {
      expect(suspended.whyFull).toBeUndefined();
      return suspended.keep(startAsking());
    });
    expect(suspended.whyFull).toContain(String(limits.suspendedRunsMax));
    suspended.take(tokens[0] ?? "");
    expect(suspended.whyFull).toBeUndefined();
  });
});

describe("what a client can show", () => {
  const envelope = (capabilities: object) => ({ "io.modelcontextprotocol/clientCapabilities": capabilities });

  test.each([
    ["nothing", undefined, []],
    ["nothing", {}, []],
    ["nothing", envelope({ roots: {} }), []],
    ["forms", envelope({ elicitation: {} }), ["form"]],
    ["forms", envelope({ elicitation: { form: {} } }), ["form"]],
    ["addresses", envelope({ elicitation: { url: {} } }), ["url"]],
    ["both", envelope({ elicitation: { form: {}, url: {} } }), ["form", "url"]],
  ])("is %s if it declares %j", (_what, announced, modes) => {
    expect(elicitationModesOf(announced)).toEqual(modes);
  });

  test("is limited to the modes that it declares and the schemas that MCP allows", () => {
    expect(whyCannotShow(asked, ["form"])).toBeUndefined();
    expect(whyCannotShow(asked, ["url"])).toContain("elicitation forms");
    expect(whyCannotShow(address, ["form"])).toContain("elicitation by URL");
    expect(whyCannotShow(address, ["form", "url"])).toBeUndefined();
    const nested = { type: "object" as const, properties: { deep: { type: "object" } } };
    const odd: Asked = { ...asked, question: { mode: "form", message: "?", requestedSchema: nested } };
    expect(whyCannotShow(odd, ["form"])).toContain("schema that MCP allows");
  });

  test("is sent with the server's name, and with the token as requestState", () => {
    const questions = [
      { id: "question-1", ...asked },
      { id: "question-2", ...address },
    ];
    expect(toInputRequired({ kind: "asks", token: "t", questions })).toEqual({
      resultType: "input_required",
      requestState: "t",
      inputRequests: {
        "question-1": {
          method: "elicitation/create",
          params: { ...asked.question, message: "bank asks (pay): Which account?" },
        },
        "question-2": {
          method: "elicitation/create",
          params: { ...address.question, message: "bank asks (pay): Sign in." },
        },
      },
    });
  });
});
