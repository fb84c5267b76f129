import { describe, expect, test } from "vitest";
import { limits } from "../../../core/limits.ts";
import { FrameReader, messagesOf } from "../../../core/tunnel/encoding.ts";
import { BridgeFrame, tunnelVersion, WorkerFrame } from "../../../core/tunnel/frames.ts";

/** What a reader makes of a frame's messages, the last of them. */
function readingOf(frame: object, schema: ConstructorParameters<typeof FrameReader>[0] = BridgeFrame) {
  const reader = new FrameReader(schema);
  return [...messagesOf(JSON.stringify(frame))].map((message) => reader.read(message)).at(-1);
}

const many = (count: number, item: unknown) => Array.from({ length: count }, () => item);
const hello = { type: "hello", version: tunnelVersion, key: "k", instance: "i", bridge: "b", servers: [] };
const server = { id: "notes", state: "stopped" };
const refused = { kind: "broken", reason: `it has more than ${limits.questionPartsMax} fields and items of lists` };

describe("a frame with more items than a schema looks at", () => {
  test.each([
    ["servers that are none", { ...hello, servers: many(limits.questionPartsMax + 1, 1) }],
    ["servers without anything, in one message", { ...hello, servers: many(300_000, {}) }],
    ["servers, in parts", { ...hello, servers: many(limits.questionPartsMax, server) }],
    ["a registry of objects", { ...hello, registry: { isWhole: true, servers: many(200_000, {}), problems: [] } }],
    ["an error with suggestions", { type: "failure", id: "1", delivery: "sent", error: { suggestions: many(1_000_000, 1) } }],
    ["frames together that are none", { type: "frames", frames: many(limits.questionPartsMax + 1, 1) }],
    ["answers together, more than one message holds", { type: "frames", frames: many(200_000, { type: "result" }) }],
    [
      "an answer and a message to log together",
      {
        type: "frames",
        frames: [
          { type: "result", id: "1", value: 1 },
          { type: "log", data: many(30_000, 1) },
        ],
      },
    ],
  ])("is refused with the reason: %s", (_what, frame) => {
    expect(readingOf(frame)).toEqual(refused);
  });

  test("is read if they are what a server answered, or a tool is called with", () => {
    const data = many(500_000, 1);
    expect(readingOf({ type: "result", id: "1", value: data })).toMatchObject({ kind: "frames" });
    const call = { type: "call_tool", id: "1", server: "notes", tool: "add", args: { data }, timeoutMs: 1 };
    expect(readingOf(call, WorkerFrame)).toMatchObject({ kind: "frames" });
    const half = { type: "result", id: "1", value: many(15_000, 1) };
    expect(readingOf({ type: "frames", frames: [half, half] })).toMatchObject({ frames: [half, half] });
  });
});

test("a hello with as many items as a schema looks at is read", () => {
  const others = Object.keys(hello).length - 1;
  const servers = many(limits.questionPartsMax / 2 - others, server);
  expect(readingOf({ ...hello, servers })).toMatchObject({ kind: "frames" });
});

test("a frame that is none is refused as one of another version, or as parts that are no frame", () => {
  expect(readingOf({ type: "hello" })).toEqual({ kind: "broken", reason: "it is not a frame of this version" });
  const long = { type: "hello", text: "x".repeat(limits.partCharsMax) };
  expect(readingOf(long)).toEqual({ kind: "broken", reason: "its parts together are not a frame" });
});
