import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../worker/clock.ts";
import { createMcpEndpoint, type ToolOperations } from "../../worker/mcp/server.ts";
import { serverEntry } from "../support/builders.ts";
import { rawRequest } from "../support/raw-mcp.ts";
import { dial, filed, serveGreet, stdioServers } from "./dial.ts";

const initialize = {
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};
const legacy = rawRequest("2025-11-25", initialize);
const { "MCP-Protocol-Version": _version, ...unversioned } = Object(legacy.headers);

/** All forms of the handshake. */
const openings: [string, RequestInit][] = [
  ["server/discover of 2026-07-28", rawRequest("2026-07-28", { method: "server/discover" })],
  ["initialize of 2025-11-25", { ...legacy, headers: unversioned }],
  ["initialize by a client that sends the version header at once", legacy],
];

/** The request with the headers that a connection adds. */
function arriving(url: string, request: RequestInit): Request {
  const headers = new Headers(request.headers);
  headers.set("Host", "127.0.0.1");
  headers.set("Content-Length", String(String(request.body).length));
  return new Request(url, { ...request, headers });
}

async function instructionsIn(session: string, request: RequestInit): Promise<string> {
  const response = await exports.default.fetch(arriving(`http://127.0.0.1/s/${session}/mcp`, request));
  return await response.text();
}

describe("the instructions", () => {
  test.each(openings)(
    "in the response to %s name the present servers of the session",
    { tags: ["surface.instructions"] },
    async (_what, request) => {
      const session = crypto.randomUUID();
      expect(await instructionsIn(session, request)).not.toContain("announced-one");
      const { send } = await dial(session, serveGreet, filed(serverEntry("announced-one")));
      expect(await instructionsIn(session, request)).toContain("Servers: announced-one.");
      send({ type: "registry", ...stdioServers("announced-two") });
      expect(await instructionsIn(session, request)).toContain("Servers: announced-two.");
      expect(await instructionsIn(crypto.randomUUID(), request)).not.toContain("announced-two");
    },
  );

  test("are read for handshake requests only", { tags: ["surface.instructions"] }, async () => {
    let asked = 0;
    const operations: ToolOperations = {
      async instructions() {
        asked += 1;
        return "What to do.";
      },
      listCapabilities: async () => ({}),
      describe: async () => ({}),
      execute: async () => ({ kind: "ended", outcome: { ok: true, durationMs: 0 } }),
      setLogLevel: async () => {},
      skills: async () => [],
      mcpSessions: { cancel: async () => {}, end: async () => {}, hasEnded: async () => false },
    };
    const served = { route: "/mcp", version: "1", mode: "code", showsSkills: false } as const;
    const endpoint = createMcpEndpoint({ ...served, operations, clock: systemClock });
    const ask = async (request: RequestInit) => {
      asked = 0;
      const response = await endpoint(arriving("http://127.0.0.1/mcp", request), String(request.body));
      return { text: await response.text(), asked };
    };
    for (const [, request] of openings) {
      const answer = await ask(request);
      expect(answer.asked).toBe(1);
      expect(answer.text).toContain("What to do.");
    }
    for (const protocol of ["2026-07-28", "2025-11-25"]) {
      const list = await ask(rawRequest(protocol, { method: "tools/list" }));
      expect(list).toMatchObject({ asked: 0, text: expect.stringContaining("execute_mcp_code") });
      const params = { name: "list_mcp_capabilities", arguments: { query: "x".repeat(100_000) } };
      expect(await ask(rawRequest(protocol, { method: "tools/call", params }))).toMatchObject({ asked: 0 });
    }
  });
});
