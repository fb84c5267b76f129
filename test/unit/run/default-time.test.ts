import { expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream, returned, scriptedSandbox } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const entries = [
  serverEntry("quick", { limits: { timeoutMs: 2_000 } }),
  serverEntry("everyday"),
  serverEntry("slow", { limits: { timeoutMs: 90_000 } }),
  serverEntry("slower", { limits: { timeoutMs: 600_000 } }),
];

/** The time that the sandbox is told to give the program. */
async function timeOf(input: object): Promise<number | undefined> {
  let given: number | undefined;
  const sandbox = scriptedSandbox(async (_program, _caller, { timeoutMs, onStart }) => {
    given = timeoutMs;
    onStart();
    return returned(1);
  });
  const one = { tools: [tool("look")], answers: { look: textResult("seen") } };
  const upstream = new FakeUpstream({ quick: one, everyday: one, slow: one, slower: one });
  expect(await startSession({ servers: entries, upstream, sandbox }).run(input)).toMatchObject({ ok: true });
  return given;
}

test.each([
  ["return 1;", limits.runMs],
  ["return await quick.look();", limits.runMs + 2_000],
  ["return await everyday.look();", limits.runMs + 10_000],
  ['import { slow } from "mcp-clients"; return await slow.look();', limits.runMs + 90_000],
  ['import { look } from "mcp-clients/slow"; await quick.look(); return look();', limits.runMs + 90_000],
  ['import { quick, slow } from "mcp-clients"; return await quick.look();', limits.runMs + 2_000],
  ["return await slower.look();", limits.runMsMax],
])("a run without maxRuntimeMs has the time that its calls may take: %s", { tags: ["limits.own-time"] }, async (code, timeMs) => {
  expect(await timeOf({ code })).toBe(timeMs);
});

test("a run with maxRuntimeMs has exactly that", { tags: ["limits.own-time"] }, async () => {
  for (const maxRuntimeMs of [1, 10_000, 120_000]) {
    expect(await timeOf({ code: "return await slow.look();", maxRuntimeMs })).toBe(maxRuntimeMs);
  }
});
