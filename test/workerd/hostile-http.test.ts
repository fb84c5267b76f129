import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { limits } from "../../core/limits.ts";

function post(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch("http://127.0.0.1/mcp", {
    method: "POST",
    headers: {
      Host: "127.0.0.1",
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2025-11-25",
      ...headers,
    },
    body,
  });
}

const callOf = (args: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_mcp_capabilities","arguments":${args}}}`;

/** A body without a length, in chunks of 64 KB. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(0x20)) });
}

const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

const fields = (count: number) => Array.from({ length: count }, (_, n) => `"k${n}":0`).join(",");

test.each<[string, () => BodyInit, Record<string, string>, number]>([
  ["with a length over the bound", () => " ".repeat(limits.requestBytesMax + 1), {}, 413],
  ["without a length and an end", endless, {}, 413],
  ["with more fields than anybody reads", () => callOf(`{${fields(limits.argumentNamesMax + 500)}}`), {}, 413],
  ["with more lists than anybody reads", () => callOf(`{"query":[${"[],".repeat(limits.argumentsPartsMax)}1]}`), {}, 413],
  ["that opens four million lists", () => "[".repeat(limits.requestBytesMax), {}, 413],
  ["that is no JSON", () => "{]}", {}, 400],
  ["of 200,000 levels", () => deep(200_000), {}, 400],
  ["of another type", () => "{}", { "Content-Type": "text/plain" }, 415],
  ["that is empty", () => "", {}, 400],
])(
  "a body %s is refused, and the next request is answered",
  { tags: ["http.bodies"] },
  async (_what, bodyOf, headers, status) => {
    const refused = await post(bodyOf(), headers);
    expect(refused.status).toBe(status);
    expect(refused.headers.get("X-Request-Id")).not.toBeNull();
    await refused.text();
    const answer = await post(callOf("{}"));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"servers"')]);
  },
);

test("of a batch no more is looked at than is needed to refuse it", { tags: ["http.bodies"] }, async () => {
  const messages = (count: number) =>
    Array.from({ length: count }, () => '{"jsonrpc":"2.0","method":"notifications/x"}').join(",");
  const refused = await post(`[${messages(101)},${"1,".repeat(100_000)}1]`);
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("Batch must not exceed 100 messages")]);
  expect((await post(`[${messages(100)}]`)).status).toBe(202);
});

test("a long address at which there is nothing is not sent back", { tags: ["http.bodies"] }, async () => {
  const answer = await exports.default.fetch(`http://127.0.0.1/${"x".repeat(60_000)}`);
  expect([answer.status, (await answer.text()).length < 1_000]).toEqual([404, true]);
});

test("arguments of 200,000 levels are an error of the call", { tags: ["http.bodies"] }, async () => {
  const answer = await post(callOf(`{"query":${deep(200_000)}}`));
  expect(await answer.text()).toMatch(/levels/);
});

test("a body of which nearly all is one long text is read, whatever that holds", { tags: ["http.bodies"] }, async () => {
  const answer = await post(callOf(JSON.stringify({ tags: ["[{:".repeat(limits.argumentsPartsMax)] })));
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"servers"')]);
});

test("a body at the bound is read", { tags: ["http.bodies"] }, async () => {
  const call = callOf("{}");
  const answer = await post(call + " ".repeat(limits.requestBytesMax - call.length));
  expect(await answer.text()).toContain('"servers"');
});

test.each(["/login", "/authorize", "/token", "/register", "/console/play", "/approve/none", "/changed-tools"])(
  "a form to %s that does not end, or is none, is refused before it is held",
  { tags: ["http.bodies"] },
  async (path) => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin" };
    for (const body of [endless(), "%%%=\u0000".repeat(3)]) {
      const answer = await exports.default.fetch(`http://127.0.0.1${path}`, { method: "POST", headers, body });
      await answer.text();
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect((await exports.default.fetch("http://127.0.0.1/livez")).status).toBe(200);
  },
);
