import { describe, expect, test, vi } from "vitest";
import { limits } from "../../../core/limits.ts";
import { handshakeLimits } from "../../../core/mcp/handshake-limits.ts";
import { messagesIn, parseMessage, passthroughKey, repaired } from "../../../core/mcp/lenient-messages.ts";
import { OpenRequests, receivedResult, repairedAnswer } from "../../../core/mcp/lenient-results.ts";
import { repairedText } from "../../../core/remote/repaired-text.ts";

/** What generators of schemas write as a bound of 64 bits, as a double. */
const largest = 2 ** 63;

const answer = { jsonrpc: "2.0", id: 3, result: { content: [] } };
const json = JSON.stringify(answer);

describe("a line", () => {
  test.each([
    ["an answer", json, [answer]],
    ["words before an answer", `Working... ${json}`, [answer]],
    ["words after an answer", `${json} done`, [answer]],
    ["words with braces around an answer", `{50%} ${json} {ok}`, [answer]],
    ["two answers", `${json}${json}`, [answer, answer]],
    ["headers before an answer", `Content-Length: ${json.length} ${json}`, [answer]],
    ["a byte order mark before an answer", `\ufeff${json}`, [answer]],
    ["an answer with braces in a text", '{"id":3,"result":{"t":"}{\\"}"}} x', [{ id: 3, result: { t: '}{"}' } }]],
  ])("with %s has its messages", (_what, line, messages) => {
    expect(messagesIn(line)).toEqual(messages);
  });

  test.each([
    ["words", "listening on stdio"],
    ["half an answer", json.slice(0, -5)],
    ["a request that the server says it received", 'received {"jsonrpc":"2.0","id":3,"method":"sampling/createMessage"}'],
    ["braces that never end", "{".repeat(100_000)],
    ["many beginnings", '{"id"'.repeat(20_000)],
  ])("of %s has none", (_what, line) => {
    expect(messagesIn(line)).toEqual([]);
  });
});

describe("a message that is almost JSON", { tags: ["bridge.misbehaving"] }, () => {
  test.each([
    ["NaN", '{"id":3,"result":{"a":NaN,"b":[ NaN ],"c":"NaN"}}', { a: null, b: [null], c: "NaN" }],
    [
      "infinities",
      '{"id":3,"result":{"a":Infinity,"b":-Infinity,"c":"-Infinity"}}',
      { a: "Infinity", b: "-Infinity", c: "-Infinity" },
    ],
    [
      "NaN beside an integer of twenty digits",
      '{"id":3,"result":{"a":NaN,"n":12345678901234567890}}',
      { a: null, n: "12345678901234567890" },
    ],
    ["tabs and line ends in a string", '{"id":3,"result":{"a":"x\ty\nz","\u0001":1}}', { a: "x\ty\nz", "\u0001": 1 }],
    [
      "escapes that JSON does not have",
      String.raw`{"id":3,"result":{"a":"it\'s \x41 \\' \""}}`,
      { a: String.raw`it\'s \x41 \' "` },
    ],
    ["a backslash at the end of a line", '{"id":3,"result":{"a":"x\\\ny"}}', { a: "x\\\ny" }],
  ])("because of %s is read", (_what, line, result) => {
    expect(messagesIn(line)).toEqual([{ id: 3, result }]);
    expect(JSON.parse(repairedText(line) ?? "")).toMatchObject({ id: 3, result });
  });

  test.each([
    ["words", "NaN is not a number"],
    ["a Python object", "{'id': 3, 'result': {'a': nan}}"],
    ["half of one", '{"id":3,"result":{"a":NaN,'],
    ["names that only contain it", '{"id":3,"result":{"a":NaNa}}'],
  ])("is not made of %s", (_what, line) => {
    expect(messagesIn(line)).toEqual([]);
  });

  test("is found among megabytes in one pass", () => {
    const line = `{"id":3,"result":{"a":NaN,"b":"${"\\\\\t".repeat(500_000)}"}}`;
    expect(messagesIn(line)).toMatchObject([{ result: { a: null } }]);
    expect(messagesIn(`{"id":3,"result":{"b":"${"\\".repeat(1_000_001)}`)).toEqual([]);
  });

  test("in more places than an answer has fields is not read", () => {
    const withTabs = (count: number) => `{"id":3,"result":[${'"\t",'.repeat(count)}NaN]}`;
    const half = limits.answerPartsMax / 2;
    expect(messagesIn(withTabs(half - 1))).toHaveLength(1);
    expect(messagesIn(withTabs(half + 1))).toEqual([]);
  });
});

describe("integers beyond 2^53", () => {
  test("keep their digits in results and log messages", () => {
    const result = parseMessage(
      '{"id":1,"result":{"structuredContent":{"id":1915883588174806058},"_meta":{"n":12345678901234567890}}}',
    );
    expect(result).toEqual({
      id: 1,
      result: { structuredContent: { id: "1915883588174806058" }, _meta: { n: "12345678901234567890" } },
    });
    const log = parseMessage('{"method":"notifications/message","params":{"data":{"id":1915883588174806058}}}');
    expect(log).toMatchObject({ params: { data: { id: "1915883588174806058" } } });
  });

  test("stay numbers in schemas, which have them as bounds", () => {
    const list = parseMessage('{"id":1,"result":{"tools":[{"name":"a","inputSchema":{"maximum":9223372036854775807}}]}}');
    expect(list).toMatchObject({ result: { tools: [{ inputSchema: { maximum: largest } }] } });
    const question = parseMessage('{"id":1,"method":"elicitation/create","params":{"maximum":9223372036854775807}}');
    expect(question).toMatchObject({ params: { maximum: largest } });
  });

  test("are told apart in each message of a batch", () => {
    const batch = parseMessage(
      '[{"id":1,"result":{"tools":[{"maximum":9223372036854775807}]}},{"id":2,"result":{"n":9223372036854775807}}]',
    );
    expect(batch).toMatchObject([{ result: { tools: [{ maximum: largest }] } }, { result: { n: "9223372036854775807" } }]);
  });
});

describe("an answer", () => {
  test.each([[[]], ["done"], [null], [0], [true]])("whose result is %j has it in an object", (result) => {
    expect(repaired({ jsonrpc: "2.0", id: 3, result })).toEqual({ jsonrpc: "2.0", id: 3, result: { [passthroughKey]: result } });
  });

  test.each([
    ["a text", "the disk is full", "the disk is full"],
    ["a list", ["the disk", "is full"], '["the disk","is full"]'],
    ["an object without a message", { reason: "full" }, '{"reason":"full"}'],
    ["true", true, "true"],
  ])("whose error is %s fails with it", (_what, error, message) => {
    expect(repaired({ jsonrpc: "2.0", id: 3, error })).toEqual({ jsonrpc: "2.0", id: 3, error: { code: -32_603, message } });
  });

  test("whose error has its code as a text keeps the code", () => {
    expect(repaired({ id: 3, error: { code: "-32602", message: "no" } })).toMatchObject({ error: { code: -32_602 } });
  });

  test.each([null, "", false, [], {}])("with a result has no error if that is %j", (error) => {
    expect(repaired({ ...answer, error })).toEqual(answer);
  });

  test("with an error of any depth is an answer", () => {
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    for (const error of [deep, { code: 1, message: deep }]) {
      expect(repaired({ jsonrpc: "2.0", id: 3, error })).toMatchObject({
        id: 3,
        error: { message: expect.stringContaining("too deep") },
      });
    }
  });

  test("with neither says so, and names what it has", () => {
    expect(repaired({ jsonrpc: "2.0", id: 3, data: 1 })).toMatchObject({ error: { message: expect.stringContaining("data") } });
    expect(repaired({ jsonrpc: "2.0", id: 3 })).toMatchObject({ error: { message: expect.stringContaining("nothing else") } });
  });

  test("is no answer if it is a log line that happens to be JSON", () => {
    for (const line of [{ level: "error", id: 3, error: "boom" }, { id: 3, msg: "x" }, { error: null }, [1], "x", null])
      expect(repaired(line)).toBe(line);
  });
});

describe("a text that nobody can read", () => {
  const requests = new OpenRequests();
  requests.sent({ id: 3, method: "tools/call" });

  test.each([
    ['{"jsonrpc":"2.0","id":3,"result":{"content":['],
    ['{"id":"3","result":{"content":'],
    ['\ufeff{ "id" : 3 , "error": oh'],
  ])("fails the request that it answers: %s", (text) => {
    expect(requests.unreadable(text)).toMatchObject({ id: 3, error: { message: expect.stringContaining("is no JSON") } });
  });

  test.each([
    ['{"jsonrpc":"2.0","id":4,"result":{"content":['],
    ['{"jsonrpc":"2.0","id":3,"method":"x","params":{'],
    ['received {"jsonrpc":"2.0","id":3,"result":{'],
    ['{"level":"info","id":3,"result":'],
  ])("fails none if it is no answer to one that waits: %s", (text) => {
    expect(requests.unreadable(text)).toBeUndefined();
  });
});

describe("the open requests of a connection", () => {
  const open = (...messages: object[]) => {
    const requests = new OpenRequests();
    for (const message of messages) requests.sent(message);
    return requests;
  };
  const call = { id: 3, method: "tools/call" };

  test("know the result of a call, whatever it is", () => {
    for (const result of [{ a: 1 }, {}, { content: "text" }]) {
      const message = { jsonrpc: "2.0", id: 3, result };
      open(call).received(message);
      expect(receivedResult.parse(message.result)).toEqual(result);
    }
  });

  test("leave results alone that the SDK reads itself", () => {
    const required = { jsonrpc: "2.0", id: 3, result: { resultType: "input_required", inputRequests: {} } };
    open(call).received(required);
    expect(required.result).toEqual({ resultType: "input_required", inputRequests: {} });
    const pong = { jsonrpc: "2.0", id: 4, result: {} };
    open({ id: 4, method: "ping" }).received(pong);
    expect(pong.result).toEqual({});
  });

  test("recognize an id that has become a text", () => {
    const message = { jsonrpc: "2.0", id: "3", result: { a: 1 } };
    open(call).received(message);
    expect(receivedResult.parse(message.result)).toEqual({ a: 1 });
  });

  test("give an error without an id to the only request that waits", () => {
    const error = { jsonrpc: "2.0", error: { code: -32_700, message: "Parse error" } };
    expect(open(call).addressed(error)).toEqual({ ...error, id: 3 });
    expect(open(call, { id: 4, method: "tools/list" }).addressed(error)).toBe(error);
    expect(open(call, { method: "notifications/cancelled", params: { requestId: 3 } }).addressed(error)).toBe(error);
  });
});

describe("a handshake", () => {
  const initialize = (result: unknown) => repairedAnswer({ jsonrpc: "2.0", id: 0, result }, "initialize");
  const any = { tools: {}, resources: {}, prompts: {} };

  test.each([
    ["lists for objects", { tools: [], logging: [] }, { tools: {}, logging: {} }],
    ["null", null, any],
    ["nothing", undefined, any],
    ["a list", [], any],
    ["null for what is absent", { tools: { listChanged: null }, resources: null, prompts: false }, { tools: {} }],
    ["true for an object", { tools: true, prompts: { listChanged: "true" } }, { tools: {}, prompts: { listChanged: true } }],
    [
      "objects",
      { tools: { listChanged: true }, experimental: { own: {} } },
      { tools: { listChanged: true }, experimental: { own: {} } },
    ],
    ["an empty object", {}, {}],
  ])("with %s as capabilities is read", (_what, capabilities, read) => {
    expect(initialize({ protocolVersion: "2025-06-18", capabilities, serverInfo: { name: "n", version: "1" } })).toMatchObject({
      result: { protocolVersion: "2025-06-18", capabilities: read },
    });
  });

  test.each([
    ["2024-11-05", "2024-11-05"],
    ["2027-01-01", "2025-11-25"],
    [undefined, "2025-03-26"],
    [null, "2025-03-26"],
    ["1.0", "2025-03-26"],
    [2, "2025-03-26"],
  ])("of the version %j is spoken to in %s", (protocolVersion, spoken) => {
    expect(initialize({ protocolVersion, capabilities: {} })).toMatchObject({ result: { protocolVersion: spoken } });
  });

  test("needs no server information, no instructions, and no members at all", () => {
    expect(initialize([])).toEqual({
      jsonrpc: "2.0",
      id: 0,
      result: { protocolVersion: "2025-03-26", capabilities: any, serverInfo: { name: "", version: "" } },
    });
    expect(initialize({ serverInfo: "me", instructions: 7 })).not.toHaveProperty("result.instructions");
  });

  test.each(["ok", 7, [1]])("answered with %j is refused in words", (result) => {
    expect(initialize(result)).toMatchObject({ error: { message: expect.stringContaining("answered initialize with") } });
  });

  test("of 2026-07-28 keeps the versions that the server names", () => {
    const discovered = { supportedVersions: ["2026-07-28"], capabilities: { tools: [] }, _meta: null };
    expect(repairedAnswer({ jsonrpc: "2.0", id: "p", result: discovered }, "server/discover")).toMatchObject({
      result: { supportedVersions: ["2026-07-28"], capabilities: { tools: {} }, resultType: "complete" },
    });
  });

  test.each([
    ["initialize", (serverInfo: object) => ({ capabilities: {}, serverInfo }), ["result", "serverInfo"]],
    ["server/discover", (info: object) => ({ _meta: { [infoKey]: info, own: 1 } }), ["result", "_meta", infoKey]],
  ] as const)("of any length passes on the beginning of its names and instructions: %s", (method, resultWith, place) => {
    const { nameCharsMax, instructionsCharsMax } = handshakeLimits;
    const read = (extra: number) => {
      const info = { name: "n".repeat(nameCharsMax + extra), version: "v".repeat(nameCharsMax + extra) };
      const result = { ...resultWith(info), instructions: "i".repeat(instructionsCharsMax + extra) };
      return repairedAnswer({ jsonrpc: "2.0", id: 0, result }, method);
    };
    expect(read(0)).toHaveProperty([...place], { name: "n".repeat(nameCharsMax), version: "v".repeat(nameCharsMax) });
    expect(read(0)).toHaveProperty("result.instructions", "i".repeat(instructionsCharsMax));
    expect(read(1)).toEqual(read(0));
  });
});

test("line ends in a string are mended in pieces, and not one by one", () => {
  const text = "\n".repeat(10_000);
  const steps = [vi.spyOn(JSON, "stringify"), vi.spyOn(Array, "from")];
  const message = parseMessage(`{"text":"${text}"}`);
  const taken = steps.map((spy) => spy.mock.calls.length);
  for (const spy of steps) spy.mockRestore();
  expect(message).toEqual({ text });
  expect(Math.max(...taken)).toBeLessThan(10);
});

test("mended strings keep halves of characters beside escapes", () => {
  expect(parseMessage('{"text":"\ud83d\\ude00\n\\\ud83d\ude00\\\t"}')).toEqual({ text: "\ud83d\ude00\n\\\ud83d\ude00\\\t" });
});

const infoKey = "io.modelcontextprotocol/serverInfo";
