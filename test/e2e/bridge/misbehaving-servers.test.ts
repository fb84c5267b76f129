import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../bridge/clock.ts";
import type { StdioEntry } from "../../../bridge/stdio/launch.ts";
import { createStdioServers, type StdioServers } from "../../../bridge/stdio/servers.ts";
import { toValue } from "../../../core/mcp/tool-result.ts";
import { failureOf } from "../../support/failure.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving } from "../../support/stdio-entries.ts";
import { runningServers } from "./processes.ts";

/* Servers that violate the protocol on a pipe. Servers that exit or never answer are in stdio-servers and server-life. */

const patient = { signal: new AbortController().signal, timeoutMs: 20_000 };
const soon = { ...patient, timeoutMs: 500 };

let pool: StdioServers;
afterEach(async () => {
  await pool.close();
  expect(runningServers()).toEqual([]);
});

function open(entry: StdioEntry): (tool: string, args?: object, options?: typeof patient) => Promise<unknown> {
  pool = createStdioServers({
    servers: [entry],
    registryPath: "registry.json",
    environment: (name) => process.env[name],
    projectRoot,
    clock: systemClock,
    onStatus: () => {},
  });
  return async (tool, args = {}, options = patient) =>
    toValue(await pool.callTool("subject", { tool, args: { ...args } }, options));
}

test("the first of two answers to a call counts, and every call gets its own answer", {
  tags: ["bridge.misbehaving"],
}, async () => {
  const call = open(misbehaving("twice"));
  expect(await call("count")).toBe("1");
  expect(await call("count")).toBe("2");
  expect(await call("late")).toBe("3");
  expect(await Promise.all([call("count"), call("count"), call("count")])).toEqual(["4", "5", "6"]);
});

describe("a server that answers garbage", () => {
  test.each(["words", "bytes", "another_id", "deep_of_another_id"])(
    "of the kind %s lets that call time out, and answers the next one",
    { tags: ["bridge.misbehaving"] },
    async (kind) => {
      const call = open(misbehaving("garbage"));
      expect(await call("echo", { a: 1 })).toEqual({ a: 1 });
      expect(await failureOf(call(kind, {}, soon))).toMatchObject({ code: "call_timeout", delivery: "sent" });
      expect(await call("echo", { a: 2 })).toEqual({ a: 2 });
      expect(pool.status()).toMatchObject([{ state: "running" }]);
    },
  );

  test.each([
    ["no_result", "subject.no_result returned something that is not a tool result"],
    ["refused_answer", "subject.refused_answer: Invalid tools/call result"],
    ["half", "subject.half: the server's answer is no JSON, or only a part of it"],
  ])("of the kind %s fails only that call, at once", { tags: ["bridge.misbehaving"] }, async (kind, words) => {
    const call = open(misbehaving("garbage"));
    const failure = await failureOf(call(kind));
    expect(failure.message).toContain(words);
    expect(failure).toMatchObject({ code: "tool_error", delivery: "answered" });
    expect(await call("echo", { a: 2 })).toEqual({ a: 2 });
  });

  test("of the kind odd_content is read as what it means", async () => {
    expect(await open(misbehaving("garbage"))("odd_content")).toBe("text");
  });
});

describe("a server that writes more objects, lists and fields than are read", () => {
  const refusal = { code: "output_limit", delivery: "answered", message: expect.stringContaining("more than 1000000 objects") };

  test.each(["fields", "lists", "error", "id_last", "sorted", "indented", "without_end"])(
    "in an answer of the kind %s fails only that call, at once",
    { tags: ["bridge.many-parts"] },
    async (kind) => {
      const call = open(misbehaving("many-parts"));
      expect(await failureOf(call(kind))).toMatchObject(refusal);
      expect(await call("echo", { a: 2 })).toEqual({ a: 2 });
      expect(pool.status()).toMatchObject([{ state: "running" }]);
    },
  );

  test.each(["question", "notification", "request", "words"])(
    "before an answer, in what is a %s, is answered all the same",
    { tags: ["bridge.many-parts"] },
    async (kind) => {
      const call = open(misbehaving("many-parts"));
      expect(await call(kind, { a: 1 })).toEqual({ a: 1 });
      expect((await pool.output("subject")).first.join()).toContain("(stdout)");
    },
  );

  test("in its list has that refused, and its tools can be called", { tags: ["bridge.many-parts"] }, async () => {
    const call = open(misbehaving("many-parts", "list"));
    expect(await failureOf(pool.listTools("subject", patient))).toMatchObject(refusal);
    expect(await call("echo", { a: 1 })).toEqual({ a: 1 });
  });
});

test("a result of 5 MB arrives whole", { tags: ["bridge.misbehaving"] }, async () => {
  const call = open(misbehaving("chatters"));
  const text = await call("large", { chars: 5_000_000 });
  expect(typeof text === "string" && text.length).toBe(5_000_000);
  expect(await call("echo", { a: 1 })).toEqual({ a: 1 });
});
