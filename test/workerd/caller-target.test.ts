import { RpcStub } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { CallReply } from "../../core/calls/tool-caller.ts";
import { CallerTarget } from "../../worker/sandbox/isolate/caller-target.ts";

/* What an isolate could do with the stub that it gets, if a program got at it. */

function world() {
  const calls: unknown[] = [];
  const target = new CallerTarget({
    async callMcpTool(...call): Promise<CallReply> {
      calls.push(call);
      return { ok: true, value: calls.length };
    },
  });
  return { calls, target, stub: new RpcStub(target) };
}

describe("the stub of a run's caller", () => {
  test("takes and returns text, and an unknown form is a call for a value", { tags: ["sandbox.attacks"] }, async () => {
    const { calls, stub } = world();
    expect(await stub.callMcpTool("notes", "write", "{}", "raw")).toBe(`{"ok":true,"value":1}`);
    expect(await stub.callMcpTool("notes", "write", "{}", { form: "raw" })).toBe(`{"ok":true,"value":2}`);
    expect(calls).toEqual([
      ["notes", "write", "{}", "raw"],
      ["notes", "write", "{}", "value"],
    ]);
  });

  test.each([
    ["an object for the server", [{ toString: "notes" }, "write", "{}", "value"]],
    ["a function for the tool", ["notes", () => "write", "{}", "value"]],
    ["a list for the arguments", ["notes", "write", ["{}"], "value"]],
    ["nothing", []],
  ])("refuses %s", async (_what, call) => {
    const { calls, stub } = world();
    expect(await stub.callMcpTool(...call)).toContain(`"code":"invalid_arguments"`);
    expect(calls).toEqual([]);
  });

  test("has nothing else", async () => {
    const { stub } = world();
    let failure: unknown;
    try {
      await stub.close();
    } catch (error) {
      failure = error;
    }
    expect(String(failure)).toContain(`does not implement the method "close"`);
    expect(await stub.callMcpTool("notes", "write", "{}", "value")).toBe(`{"ok":true,"value":1}`);
  });

  test("calls nothing after the end of the run", async () => {
    const { calls, target, stub } = world();
    target.close();
    expect(await stub.callMcpTool("notes", "write", "{}", "value")).toContain(`"code":"cancelled"`);
    expect(calls).toEqual([]);
  });
});
