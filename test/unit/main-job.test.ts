import { expect, test } from "vitest";
import { serverEntry, textResult, tool } from "../support/builders.ts";
import { FakeUpstream } from "../support/fakes.ts";
import { startSession } from "../support/session.ts";

const zones = {
  type: "object",
  properties: { timezone: { type: "string" } },
  required: ["timezone"],
};

test("a model finds a server, reads its signature, writes a program and gets one small answer", {
  tags: ["core.anywhere"],
}, async () => {
  const { orchestrator, run } = startSession({
    servers: [
      serverEntry("time", { summary: "Current time in any time zone." }),
      serverEntry("grep", { summary: "Search files with regular expressions." }),
    ],
    upstream: new FakeUpstream({
      time: {
        tools: [tool("current_time", { description: "The time in a zone.", inputSchema: zones })],
        answers: { current_time: ({ timezone }) => textResult(JSON.stringify({ timezone, hour: String(timezone).length })) },
      },
      grep: { tools: [tool("search", { description: "Search." })], answers: { search: textResult("a.ts:1\nb.ts:2") } },
    }),
  });

  expect(orchestrator.listCapabilities({ query: "time zone" })).toMatchObject({
    servers: [{ id: "time", status: "not_connected" }],
  });
  expect(await orchestrator.describe({ id: "time" })).toEqual({
    id: "time",
    tools: [
      {
        name: "current_time",
        signature: "current_time(args: { timezone: string }): Promise<any>",
        description: "The time in a zone.",
      },
    ],
    total: 1,
  });
  expect(orchestrator.listCapabilities({ query: "time zone" })).toMatchObject({
    servers: [{ id: "time", status: "ready", tools: [{ name: "current_time" }] }],
  });

  const outcome = await run({
    code: `import { time, grep } from "mcp-clients";
const zones: string[] = ["Asia/Tokyo", "Europe/Berlin", "America/New_York"];
const [found, ...times] = await Promise.all([
  grep.search({ pattern: "TODO" }),
  ...zones.map((timezone) => time.current_time({ timezone })),
]);
return { hours: times.map((t) => t.hour), lines: found.split("\\n").length };`,
  });
  expect(outcome).toEqual({
    ok: true,
    result: { hours: [10, 13, 16], lines: 2 },
    calls: [
      { server: "grep", tool: "search", outcome: "succeeded", durationMs: 0 },
      { server: "time", tool: "current_time", outcome: "succeeded", count: 3, durationMs: 0, longestMs: 0 },
    ],
    callsHandle: "r_1",
    durationMs: 0,
  });
});
