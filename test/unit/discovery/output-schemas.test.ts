import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { outcomeOfCall, programOf } from "../../../core/discovery/direct-call.ts";
import { directInstructions, instructionsFor } from "../../../core/discovery/instructions.ts";
import { directDefinitions, toolDefinitions } from "../../../core/discovery/tool-definitions.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const { orchestrator, run } = startSession({
  servers: [serverEntry("hub", { domains: ["code"] }), serverEntry("sequential-thinking"), serverEntry("huge")],
  upstream: new FakeUpstream({
    huge: { tools: Array.from({ length: 300 }, (_, number) => tool(`tool_${number}`)) },
    hub: {
      tools: [tool("look-up"), tool("add"), tool("long")],
      answers: {
        "look-up": textResult('{"a":1}'),
        long: textResult(JSON.stringify({ rows: Array.from({ length: 10_000 }, (_, at) => `row ${at}`) })),
      },
    },
    "sequential-thinking": { tools: [tool("think")] },
  }),
});

function schemaOf(name: string): z.ZodType {
  const found = toolDefinitions.find((definition) => definition.name === name);
  return z.fromJSONSchema(JSON.parse(JSON.stringify(found?.outputSchema)));
}

describe("an answer satisfies the output schema of its tool", { tags: ["surface.output"] }, () => {
  test.each([
    {},
    { query: "look" },
    { query: ["look", "zzqq"] },
    { query: "zzqq" },
    { limit: 0 },
    { domains: ["x"] },
    { detail: "minimal" },
  ])("list %j", async (input) => {
    await orchestrator.describe({ id: "hub" });
    expect(schemaOf("list_mcp_capabilities").safeParse(orchestrator.listCapabilities(input)).error).toBeUndefined();
  });

  test.each([
    { id: "hub" },
    { id: "hub", detail: "schema" },
    { id: "hub", detail: "summary" },
    { id: "hub", query: "zzqq" },
    { id: "huge" },
    { id: "huge", query: "zzqq" },
    { id: "huge", query: "tool" },
    { id: "huge", detail: "schema" },
    { id: "none" },
    {},
  ])("describe %j", async (input) => {
    expect(schemaOf("describe_mcp").safeParse(await orchestrator.describe(input)).error).toBeUndefined();
  });

  test.each([
    "return 1;",
    "return",
    'return { type: "audio", mimeType: "audio/wav", data: "AAAA" };',
    "throw 1;",
    "return nope;",
  ])("execute %s", async (code) => {
    expect(schemaOf("execute_mcp_code").safeParse(await run({ code })).error).toBeUndefined();
  });

  test("and no schema accepts anything", () => {
    for (const { name } of toolDefinitions) {
      const wrong = { servers: 1, tools: 1, ok: 1 };
      expect(schemaOf(name).safeParse(wrong).success).toBe(false);
    }
  });
});

describe("the direct mode", { tags: ["surface.direct"] }, () => {
  test("has three tools, which cost less than 600 tokens", () => {
    expect(directDefinitions.map(({ name }) => name)).toEqual(["list_mcp_capabilities", "describe_mcp", "call_mcp_tool"]);
    const paid = directDefinitions.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    expect(countTokens(JSON.stringify(paid))).toBeLessThan(600);
  });

  test("tells its workflow in the instructions, with the servers", () => {
    const registry = { servers: [serverEntry("hub")], problems: [], warnings: [] };
    const instructions = directInstructions(instructionsFor(registry));
    expect(instructions).toMatch(/call them with call_mcp_tool\. Servers: hub\.$/);
    expect(instructions).not.toContain("execute_mcp_code");
  });

  const call = async (input: { server: string; tool: string; args?: Record<string, unknown> }) =>
    outcomeOfCall(await run(programOf(input)));

  test("calls a tool by its wire name and answers its value, without a record of the one call", async () => {
    expect(await call({ server: "hub", tool: "look-up" })).toEqual({ ok: true, result: { a: 1 }, durationMs: 0 });
    expect(await call({ server: "sequential-thinking", tool: "think", args: { a: 1 } })).toMatchObject({
      ok: true,
      result: "ok",
    });
  });

  test("shows of a saved program that succeeded only what did not below it, and then where all of it is", () => {
    const noon = { server: "saved", tool: "noon", outcome: "succeeded", durationMs: 1 };
    const answered = { ok: true, durationMs: 1, callsHandle: "r_1" };
    expect(outcomeOfCall({ ...answered, calls: [noon] })).toEqual({ ok: true, durationMs: 1 });
    const partly = { ...noon, calls: [{ ...noon, outcome: "failed" }] };
    expect(outcomeOfCall({ ...answered, calls: [partly] })).toEqual({ ...answered, calls: [partly] });
    expect(outcomeOfCall({ ok: false, durationMs: 1, calls: partly.calls })).toEqual({
      ok: false,
      durationMs: 1,
      calls: partly.calls,
    });
  });

  test("calls a tool by the identifier of its signature", async () => {
    expect(await call({ server: "hub", tool: "look_up" })).toMatchObject({ ok: true, result: { a: 1 } });
    expect(await call({ server: "hub", tool: "$call" })).toMatchObject({ ok: false, errors: [{ code: "tool_unknown" }] });
    expect(await call({ server: "hub", tool: "constructor" })).toMatchObject({ ok: false, errors: [{ code: "tool_unknown" }] });
  });

  test("reaches resources, prompts and the whole result of a tool", async () => {
    const asked: unknown[] = [];
    const image = { type: "image", mimeType: "image/png", data: "iVBORw0KGgo=" };
    const upstream = new FakeUpstream({
      hub: { tools: [tool("take-photo")], answers: { "take-photo": { content: [image], structuredContent: { width: 1 } } } },
    });
    upstream.ask = async (_server, request) => {
      asked.push(request);
      return [];
    };
    const session = startSession({ servers: [serverEntry("hub")], upstream });
    const reach = async (name: string, args?: Record<string, unknown>) =>
      outcomeOfCall(await session.run(programOf({ server: "hub", tool: name, ...(args && { args }) })));
    for (const name of ["$resources.list", "$resources.templates", "$resources.skills", "$prompts.list"])
      expect(await reach(name)).toMatchObject({ ok: true, result: [] });
    expect(await reach("$resources.read", { uri: "a:b" })).toMatchObject({ ok: true });
    expect(await reach("$prompts.get", { name: "review", args: { city: "Oslo" } })).toMatchObject({ ok: true });
    expect(asked.slice(4)).toEqual([
      { method: "resources/read", uri: "a:b" },
      { method: "prompts/get", name: "review", args: { city: "Oslo" } },
    ]);
    expect(await reach("$raw", { tool: "take-photo" })).toMatchObject({ ok: true, images: [{ data: "iVBORw0KGgo=" }] });
    expect(await reach("$resources.read")).toMatchObject({ errors: [{ code: "invalid_arguments" }] });
    expect(await reach("$resources.nope")).toMatchObject({ errors: [{ code: "tool_unknown" }] });
  });

  test("reads the rest of a long result as its hint says", async () => {
    const whole = await call({ server: "hub", tool: "long" });
    expect(whole).toMatchObject({ ok: true, hint: expect.stringContaining("results.get"), handle: expect.any(String) });
    const read = (args: object) =>
      call({ server: "runtime", tool: "results.get", args: { handle: String(whole.handle), ...args } });
    expect(await read({ path: ["rows"], from: 9_998 })).toMatchObject({ ok: true, result: ["row 9998", "row 9999"] });
    expect(await read({ path: ["rows", 7], from: 4, to: 5 })).toMatchObject({ ok: true, result: "7" });
    expect(await read({ path: ["nope", 1] })).toMatchObject({ ok: true });
    expect(await read({ handle: "r_none" })).toMatchObject({ ok: false, errors: [{ code: "invalid_arguments" }] });
    expect(await call({ server: "runtime", tool: "other" })).toMatchObject({ ok: false, errors: [{ code: "server_unknown" }] });
  });

  test("refuses what does not exist, without a place in a program that nobody wrote", async () => {
    const unknownTool = await call({ server: "hub", tool: "ad" });
    expect(unknownTool).toMatchObject({ ok: false, errors: [{ code: "tool_unknown", message: expect.stringContaining("add") }] });
    expect(JSON.stringify(unknownTool)).not.toMatch(/"(?:line|frame|file)"/);
    expect(await call({ server: "none", tool: "x" })).toMatchObject({ ok: false, errors: [{ code: "server_unknown" }] });
  });
});
