import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../bridge/clock.ts";
import { createStdioServers, type StdioServers } from "../../../bridge/stdio/servers.ts";
import { toValue } from "../../../core/mcp/tool-result.ts";
import { failureOf } from "../../support/failure.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving } from "../../support/stdio-entries.ts";
import { runningServers } from "./processes.ts";

/* Servers on a pipe that are not quite to the letter: their answers are read all the same, and at once. */

const options = { signal: new AbortController().signal, timeoutMs: 10_000 };

let pool: StdioServers;
beforeEach(() => open("usual"));
afterEach(async () => {
  await pool.close();
  expect(runningServers()).toEqual([]);
});

function open(handshake: string): void {
  pool = createStdioServers({
    servers: [misbehaving("loose", handshake)],
    registryPath: "registry.json",
    environment: (name) => process.env[name],
    projectRoot,
    clock: systemClock,
    onStatus: () => {},
  });
}

async function call(tool: string, args: Record<string, string> = {}): Promise<unknown> {
  return toValue(await pool.callTool("subject", { tool, args }, options));
}

describe("an answer", () => {
  test.each([
    ["structured", { id: "1915883588174806058", n: 7 }],
    ["text_number", { id: "1915883588174806058" }],
    ["before", "done"],
    ["after", "done"],
    ["beside", "done"],
    ["joined", "done"],
    ["framed", "done"],
    ["unended", "done"],
    ["indented", "done"],
    ["indented_by_tabs", "done"],
    ["list", ""],
    ["text", "done"],
    ["bare", { rows: 2 }],
    ["null_flag", { a: 1 }],
    ["nan", { a: null, b: ["-Infinity", "NaN"] }],
    ["raw_tab", "a\tb\u0000\u001b[1m"],
    ["odd_escape", "it\\'s \\x41 \\d \n"],
    ["nan_text", { mean: null, max: "Infinity" }],
  ])("of the kind %s is read", { tags: ["bridge.misbehaving"] }, async (tool, value) => {
    expect(await call(tool)).toEqual(value);
    // What followed it does not spoil the next one.
    expect(await call(tool)).toEqual(value);
  });

  test.each([
    ["error_text", "subject.error_text: the disk is full"],
    ["error_no_id", "subject.error_no_id: Parse error"],
    ["neither", "neither a result nor an error"],
    ["cut", "is no JSON, or only a part of it"],
  ])("of the kind %s fails at once with what it says", async (tool, words) => {
    const failure = await failureOf(call(tool));
    expect(failure).toMatchObject({ code: "tool_error", delivery: "answered" });
    expect(failure.message).toContain(words);
  });
});

describe("arguments", () => {
  test("have no character that ends a line", async () => {
    expect(await call("echo", { s: "a\u2028b\u2029c\u0085d" })).toEqual({
      args: expect.stringContaining('{"s":"a\\u2028b\\u2029c\\u0085d"}'),
    });
  });

  test("have a BigInt as the integer that it is", async () => {
    expect(await call("echo", { id: "\u0000integer:1915883588174806058" })).toEqual({
      args: expect.stringContaining('{"id":1915883588174806058}'),
    });
  });
});

test("the numbers in a list of tools stay numbers", async () => {
  const [first] = await pool.listTools("subject", options);
  expect(first?.inputSchema).toMatchObject({ properties: { id: { maximum: 2 ** 63 } } });
});

describe("a handshake", () => {
  test.each(["lists", "nulls", "nothing"])("with %s costs nothing", async (handshake) => {
    open(handshake);
    expect(await call("text")).toBe("done");
  });

  test("that cannot be read is refused in words", async () => {
    open("text");
    const failure = await failureOf(pool.listTools("subject", options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain(
      'subject refused the MCP handshake: it answered initialize with "ready", which is no object.',
    );
  });
});

test.each(["ends", "ends_listening"])(
  "a server that %s after each answer gets each call in a process of its own",
  async (tool) => {
    const pids = [];
    for (let times = 0; times < 4; times++) pids.push(await call(tool));
    expect(new Set(pids).size).toBe(4);
    // One that stays is not started again.
    expect(await call("stays")).toBe(await call("stays"));
  },
);
