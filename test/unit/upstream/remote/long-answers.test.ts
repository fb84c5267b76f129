import { describe, expect, test } from "vitest";
import { limits } from "../../../../core/limits.ts";
import { serverEntry } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { type Exchange, HttpMcp, remoteServers } from "../../../support/http-mcp.ts";

const secret = "sesame-open-sesame";

/** Calls of a server with the given answers. */
async function callsOf(onCall: (exchange: Exchange) => void) {
  const server = await HttpMcp.start({ onCall });
  const headers = { "x-key": "${env:KEY}" };
  const entry = serverEntry("notes", { mcp: { transport: "http", url: server.url, headers } });
  const servers = remoteServers({ environment: () => secret });
  const options = { signal: new AbortController().signal, timeoutMs: 20_000 };
  return {
    call: () => servers.callTool(entry, { tool: "work", args: {} }, options),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/* The SDK's schemas look at each part of what they get: of half a million, that held up all sessions. */
describe("a long answer", { tags: ["upstream.answer-bounds"] }, () => {
  const many = Object.fromEntries(Array.from({ length: limits.questionPartsMax }, (_, index) => [`name${index}`, index]));
  const result = { content: [], structuredContent: many, more: many };
  const forms: Record<string, (exchange: Exchange, message: object) => void> = {
    "as JSON": (exchange, message) => exchange.response.end(JSON.stringify(message)),
    "in a stream": (exchange, message) => {
      exchange.event(exchange.progress(1));
      exchange.event(message);
    },
    "in a batch": (exchange, message) => exchange.response.end(JSON.stringify([exchange.progress(1), message])),
  };
  const named = Object.entries(forms);

  test.each(named)("%s is the result, without what is no part of an answer", async (_form, send) => {
    await using it = await callsOf((exchange) => send(exchange, { jsonrpc: "2.0", id: exchange.id, ...many, result }));
    expect(await it.call()).toEqual(result);
  });

  test.each(named)("%s is the server's error", async (_form, send) => {
    const error = { code: 7, message: "full", data: many };
    await using it = await callsOf((exchange) => send(exchange, { jsonrpc: "2.0", id: exchange.id, error }));
    expect(await failureOf(it.call())).toMatchObject({ code: "tool_error", message: "notes.work: full" });
  });

  test.each(named)("%s that the SDK would read itself is refused, and the next one is read", async (_form, send) => {
    const answers = [{ resultType: "input_required", inputRequests: many }, { content: [] }];
    await using it = await callsOf((exchange) => send(exchange, { jsonrpc: "2.0", id: exchange.id, result: answers.shift() }));
    expect(await failureOf(it.call())).toMatchObject({ code: "tool_error", message: expect.stringContaining("more than 20000") });
    expect(await it.call()).toEqual({ content: [] });
  });

  test.each(named)("%s shows no secret, in its result and in its error", async (_form, send) => {
    const answers = [
      { result: { content: [], structuredContent: { many, secret } } },
      { error: { code: 7, message: secret, data: many } },
    ];
    await using it = await callsOf((exchange) => send(exchange, { jsonrpc: "2.0", id: exchange.id, ...answers.shift() }));
    expect(JSON.stringify(await it.call())).toMatch(/"secret":"\[secret[^"]*\]"/);
    expect((await failureOf(it.call())).message).toMatch(/^notes\.work: \[secret[^"]*\]$/);
  });

  test("to no request is left out of a stream and of a batch", async () => {
    const stray = { jsonrpc: "2.0", id: 9_999, result };
    await using streamed = await callsOf((exchange) => {
      exchange.event(stray);
      exchange.event(exchange.result("done"));
    });
    await using batched = await callsOf((exchange) => exchange.response.end(JSON.stringify([stray, exchange.result("done")])));
    for (const it of [streamed, batched]) expect(await it.call()).toMatchObject({ content: [{ text: "done" }] });
  });
});
