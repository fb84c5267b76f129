import { describe, expect, test } from "vitest";
import type { RunProgress } from "../../core/calls/progress.ts";
import type { RunLine } from "../../core/log-line.ts";
import type { SentFrame } from "../../core/tunnel/frames.ts";
import { dial, greetAs, type Request, stdioServers, textResult } from "./dial.ts";
import { run } from "./run.ts";

/* Notifications, resources and prompts that come through the tunnel. */

const twoAtOnce = `await Promise.all([time.greet({ name: "Ada" }), time.greet({ name: "Bob" })]); return "both";`;

describe("the notifications of a server behind a bridge", () => {
  test("reach a run once while it has calls to that server in flight", { tags: ["upstream.news"] }, async () => {
    const session = crypto.randomUUID();
    const calls: Extract<Request, { type: "call_tool" }>[] = [];
    const arrived = Promise.withResolvers<void>();
    const { send } = await dial(
      session,
      (request) => {
        if (request.type !== "call_tool") return greetAs("Hello")(request);
        calls.push(request);
        if (calls.length === 2) arrived.resolve();
        return undefined;
      },
      stdioServers("time", "other"),
    );
    const lines: RunLine[] = [];
    const progress: RunProgress[] = [];
    const heard = Promise.withResolvers<void>();
    const log = (server: string, message: string): SentFrame => ({ type: "log", server, level: "warn", message });
    send(log("time", "before"));
    const running = run(
      { code: twoAtOnce },
      {
        session,
        onPrinted: (printed) => void lines.push(...printed),
        onProgress(told) {
          progress.push(told);
          heard.resolve();
        },
      },
    );
    await arrived.promise;
    send(log("time", "slow"));
    send(log("other", "of another server"));
    for (const { id } of calls) send({ type: "progress", id, progress: 1, total: 2, message: "half" });
    await heard.promise;
    for (const { id } of calls) send(textResult(id, "done"));
    const line = { level: "warn", message: "slow", server: "time" };
    expect(await running).toMatchObject({ ok: true, result: "both", logs: [line] });
    expect(lines).toEqual([line]);
    expect(progress).toEqual([{ message: "time.greet: 1/2 half" }, { message: "time.greet: 1/2 half" }]);
  });
});

describe("a request for resources or prompts", () => {
  test("is sent through the bridge, and its answer is validated again", { tags: ["upstream.features"] }, async () => {
    const session = crypto.randomUUID();
    const contents = [{ uri: "note://1", text: "first" }];
    const { requests } = await dial(session, (request) =>
      request.type === "ask" ? { type: "result", id: request.id, value: contents } : greetAs("Hello")(request),
    );
    expect(await run({ code: `return await time.$resources.read("note://1");` }, { session })).toMatchObject({
      ok: true,
      result: contents,
      calls: [{ server: "time", tool: "$resources.read", outcome: "succeeded" }],
    });
    expect(requests.at(-1)).toMatchObject({
      type: "ask",
      server: "time",
      request: { method: "resources/read", uri: "note://1" },
    });
  });

  test("fails if its answer is malformed or the bridge refuses it", async () => {
    const session = crypto.randomUUID();
    const error = { code: "tool_unknown", phase: "tool", message: "time has no prompts.", retryable: false } as const;
    await dial(session, (request) => {
      if (request.type !== "ask") return greetAs("Hello")(request);
      if (request.request.method === "prompts/list") return { type: "failure", id: request.id, delivery: "answered", error };
      return { type: "result", id: request.id, value: "none" };
    });
    const code = `const codes = [];
      for (const ask of [time.$resources.list, time.$prompts.list]) codes.push(await ask().catch((error) => [error.code, error.tool]));
      return codes;`;
    expect(await run({ code }, { session })).toMatchObject({
      ok: true,
      result: [
        ["tool_error", "$resources.list"],
        ["tool_unknown", "$prompts.list"],
      ],
    });
  });
});
