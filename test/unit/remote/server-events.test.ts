import { describe, expect, test } from "vitest";
import type { Clock } from "../../../core/clock.ts";
import { limits } from "../../../core/limits.ts";
import { type ServerEvent, ServerEvents, streamOf } from "../../../core/remote/server-events.ts";

/** The events of a stream that arrives in these chunks. */
function open(pieces: Iterable<string | Uint8Array>) {
  const encoder = new TextEncoder();
  const iterator = pieces[Symbol.iterator]();
  const state = { tooLarge: 0, isCancelled: false, turns: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
    },
    cancel() {
      state.isCancelled = true;
    },
  });
  const onTooLarge = () => {
    state.tooLarge += 1;
  };
  const clock: Clock = {
    now: () => 0,
    after(_ms, wake) {
      state.turns += 1;
      queueMicrotask(wake);
      return () => {};
    },
  };
  return { state, events: new ServerEvents(body, { onTooLarge, clock }) };
}

async function all(events: ServerEvents): Promise<ServerEvent[]> {
  const read: ServerEvent[] = [];
  for (let event = await events.next(); event !== undefined; event = await events.next()) read.push(event);
  return read;
}

const textsOf = async (...pieces: string[]) => (await all(open(pieces).events)).map(({ text }) => text);

describe("the events of a stream", () => {
  test("keep the fields that are needed to resume the stream", async () => {
    const text = 'retry: 50\nid: 7\nevent: message\ndata: {"jsonrpc":"2.0"}\n\nid: 8\ndata\n\nretry: 60\n\n';
    const events = await all(open([text]).events);
    expect(events.map((event) => event.text).join("")).toBe(text);
    expect(events.map((event) => event.data)).toEqual(['{"jsonrpc":"2.0"}', "", ""]);
  });

  test("are the same for every kind of line end, even if each byte is a chunk", async () => {
    const text = ": hello\nid: 1\ndata: two\ndata:lines\n\ndata: größer 😀\n\n";
    const expected = ["id: 1\ndata: two\ndata:lines\n\n", "data: größer 😀\n\n"];
    for (const lineEnd of ["\n", "\r", "\r\n"]) {
      const bytes = new TextEncoder().encode(text.replaceAll("\n", lineEnd));
      // A final CR may be the first half of CR LF, so the last event waits for the next byte.
      const pieces = [...bytes, ...new TextEncoder().encode(":")].map((byte) => Uint8Array.of(byte));
      const { events } = open(pieces);
      expect((await all(events)).map((event) => event.text)).toEqual(expected);
    }
  });

  test("have their JSON-RPC message repaired, even if it has several lines", async () => {
    const [event] = await all(open(['id: 1\ndata: {"id":1,"error":null,\ndata: "result":{}}\n\n']).events);
    expect(event).toEqual({
      text: 'id: 1\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n',
      data: '{"jsonrpc":"2.0","id":1,"result":{}}',
    });
  });

  test("omit comments, unknown fields and empty events", async () => {
    expect(await textsOf("\n".repeat(100_000), ": ping\n\n".repeat(10_000), "retry: soon\n\nother: 1\n\n")).toEqual([]);
    expect(await textsOf("a\nother: field\ndata: x\u2028id: 1\nretry: soon\n: comment\n\n")).toEqual(["data: x\u2028id: 1\n\n"]);
  });

  test("omit a question or notification of more parts than anybody reads, and no answer for them", {
    tags: ["upstream.answer-bounds"],
  }, async () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: limits.questionPartsMax / 2 }, (_, n) => [`f${n}`, n])));
    const answer = `data: {"jsonrpc":"2.0","id":1,"result":${many}}\n\n`;
    const question = `data: {"params":${many},"jsonrpc":"2.0","id":1,"method":"elicitation/create"}\n\n`;
    const notification = `id: 2\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":${many}}\n\n`;
    const short = 'data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n';
    expect(await textsOf(question, notification, short, answer)).toEqual([short, answer]);
  });

  test("end with the stream, and an incomplete one is left out", async () => {
    expect(await textsOf("data: a\n\ndata: b\n")).toEqual(["data: a\n\n"]);
  });

  test("can be put back at the start of the stream", async () => {
    const { events } = open(["data: a\n\ndata: b\n\n", "data: c\n\n"]);
    const first = await events.next();
    const stream = streamOf(events, first === undefined ? [] : [first]);
    expect(await new Response(stream).text()).toBe("data: a\n\ndata: b\n\ndata: c\n\n");
  });
});

describe("others have a turn", () => {
  const turnsOf = async (...pieces: string[]) => {
    const { events, state } = open(pieces);
    await all(events);
    return state.turns;
  };

  test.each(["data: 1\n\n", "data\n\n", "id: 1\n\n", ":\n\n", "retry: 1\n\n", 'data: {"method":"x"}\n\n'])(
    "again and again while events without end are read: %j",
    async (event) => {
      expect(await turnsOf(event.repeat(10_000))).toBeGreaterThanOrEqual(10_000 / 50);
      expect(await turnsOf(event.repeat(30))).toBe(0);
    },
  );

  test("while one long event is read", async () => {
    const mebibyte = 1024 * 1024;
    expect(await turnsOf("data: ", ...Array(8).fill("x".repeat(mebibyte)), "\n\n")).toBe(8);
    expect(await turnsOf("data: ", "x".repeat(mebibyte / 8), "\n\n")).toBe(0);
  });
});

describe("the maximum size of an event", () => {
  const piece = "x".repeat(64 * 1024);
  const piecesMax = limits.remoteAnswerBytesMax / piece.length;

  function* pieces(first: string, middle: string, count: number, last = ""): Generator<string> {
    yield first;
    for (let index = 0; index < count; index++) yield middle;
    yield `${last}\n\ndata: next\n\n`;
  }

  test("is remoteAnswerBytesMax", async () => {
    // The size includes "data: ", the line end and the empty line.
    const { events, state } = open(pieces("data: a\n\ndata: ", piece, piecesMax - 1, piece.slice(8)));
    const sizes = (await all(events)).map(({ data }) => data.length);
    expect([sizes, state.tooLarge]).toEqual([[1, limits.remoteAnswerBytesMax - 8, 4], 0]);
  });

  test("ends the stream when it is exceeded by one character, after the events before it", async () => {
    const { events, state } = open(pieces("data: a\n\ndata: ", piece, piecesMax - 1, piece.slice(7)));
    expect([(await all(events)).map(({ data }) => data), state.tooLarge]).toEqual([["a"], 1]);
  });

  test.each(["data:\n", "other: field\n", ": comment\n"])("applies to an endless event of many lines: %j", async (line) => {
    const { events, state } = open(pieces("data: a\n", line.repeat(10_000), Number.POSITIVE_INFINITY));
    expect(await all(events)).toEqual([]);
    expect(state).toMatchObject({ tooLarge: 1, isCancelled: true });
  });

  test("does not apply to the sum of many keep-alive comments", async () => {
    const { events, state } = open(pieces("", `: ${piece}\n\n`, piecesMax + 1));
    expect((await all(events)).map(({ data }) => data)).toEqual(["next"]);
    expect(state.tooLarge).toBe(0);
  });
});
