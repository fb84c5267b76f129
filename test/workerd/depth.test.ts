import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { limits } from "../../core/limits.ts";
import { rawRequest } from "../support/raw-mcp.ts";

/* Requests that nest deep get a clear error, whatever part of them does. */

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

interface Sent {
  /** JSON text for what is "deep" in the parameters. */
  deep: string;
  method?: string;
  protocol?: string;
}

/** Sends a request and returns the text of the answer. */
async function send(params: object, { deep, method = "tools/call", protocol = "2025-11-25" }: Sent): Promise<string> {
  const request = rawRequest(protocol, { method, params });
  const headers = new Headers(request.headers);
  headers.set("Host", "localhost");
  const body = String(request.body).replace('"deep"', deep);
  const response = await exports.default.fetch(new Request("http://localhost/s/depth/mcp", { method: "POST", headers, body }));
  return response.text();
}

const modern = "2026-07-28";

describe("a request of more levels than a request may have", { tags: ["limits.depth"] }, () => {
  test.each([
    ["args of a program", { name: "execute_mcp_code", arguments: { code: "return 1;", args: "deep" } }],
    ["the code", { name: "execute_mcp_code", arguments: { code: "deep" } }],
    ["a query", { name: "list_mcp_capabilities", arguments: { query: "deep" } }],
    ["an id", { name: "describe_mcp", arguments: { id: "deep" } }],
    ["an unknown argument", { name: "describe_mcp", arguments: { id: "x", other: "deep" } }],
    ["the arguments of an unknown tool", { name: "nope", arguments: { a: "deep" } }],
  ])("is invalid params, and says the limit: %s", async (_what, params) => {
    for (const protocol of ["2025-11-25", modern]) {
      for (const levels of [limits.requestDepthMax, 5_000, 200_000]) {
        const answer = await send(params, { deep: nested(levels), protocol });
        expect(answer).toContain('"code":-32602');
        expect(answer).toContain(`deeper than ${limits.requestDepthMax} levels`);
        expect(answer).toContain('"id":1');
      }
    }
  });

  test.each([
    ["_meta", { name: "list_mcp_capabilities", arguments: {}, _meta: { a: "deep" } }],
    ["a member that nobody knows", { name: "list_mcp_capabilities", arguments: {}, other: "deep" }],
  ])("is answered if nobody reads what nests deep: %s", async (_what, params) => {
    expect(await send(params, { deep: nested(200_000) })).not.toContain("-32603");
  });

  test("is no internal error where the tool itself should be named", async () => {
    expect(await send({ name: "deep", arguments: {} }, { deep: nested(200_000) })).not.toContain("-32603");
  });
});

test("args as deep as they may be reach the program", { tags: ["limits.depth"] }, async () => {
  const params = { name: "execute_mcp_code", arguments: { code: 'import { args } from "runtime"; return args;', args: "deep" } };
  const answer = await send(params, { deep: nested(limits.argumentsDepthMax) });
  expect(answer).toContain(nested(limits.argumentsDepthMax));
  expect(await send(params, { deep: nested(limits.argumentsDepthMax + 1) })).toContain("invalid_input");
});
