import { describe, expect, test } from "vitest";
import { systemClock } from "../../worker/clock.ts";
import { createMcpEndpoint, type ToolOperations } from "../../worker/mcp/server.ts";
import { rawRequest } from "../support/raw-mcp.ts";

/* The platform ends a session's object whenever it likes, and whatever was asked of it rejects. */

interface Call {
  mode: "code" | "direct";
  name: string;
  input: object;
}

function failing(message: string): ToolOperations {
  const fail = () => Promise.reject(new Error(message));
  return {
    ...{ instructions: fail, listCapabilities: fail, describe: fail, execute: fail, setLogLevel: fail, skills: fail },
    mcpSessions: { cancel: fail, end: fail, hasEnded: async () => false },
  };
}

async function answerOf(message: string, { mode, name, input }: Call): Promise<string> {
  const served = { route: "/mcp", version: "1", mode, showsSkills: false } as const;
  const endpoint = createMcpEndpoint({ ...served, operations: failing(message), clock: systemClock });
  const params = { name, arguments: input };
  const request = rawRequest("2025-11-25", { method: "tools/call", params });
  const headers = new Headers(request.headers);
  headers.set("Host", "127.0.0.1");
  const response = await endpoint(new Request("http://127.0.0.1/mcp", { ...request, headers }), String(request.body));
  return await response.text();
}

const calls: Call[] = [
  { mode: "code", name: "list_mcp_capabilities", input: {} },
  { mode: "code", name: "describe_mcp", input: { id: "time" } },
  { mode: "code", name: "execute_mcp_code", input: { code: "return 1" } },
  { mode: "direct", name: "call_mcp_tool", input: { server: "time", tool: "now" } },
];

describe.each(calls)("a session that fails during a call of $name", (call) => {
  test("is an error that the model can read, and says what to do", async () => {
    const answer = await answerOf("internal error; reference = abc", call);
    expect(answer).toContain('"isError":true');
    expect(answer).toContain("The session ended before it could answer");
    expect(answer).not.toMatch(/-32603|reference = abc/);
  });

  test("because its disk is full is named as such", async () => {
    expect(await answerOf("database or disk is full: SQLITE_FULL", call)).toContain("make room there");
  });
});
