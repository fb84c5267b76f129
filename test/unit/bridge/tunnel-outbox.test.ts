import { describe, expect, test } from "vitest";
import { TunnelOutbox } from "../../../bridge/tunnel/outbox.ts";
import { limits } from "../../../core/limits.ts";
import { FrameReader } from "../../../core/tunnel/encoding.ts";
import { BridgeFrame, type SentFrame } from "../../../core/tunnel/frames.ts";
import { tunnelLimits } from "../../../core/tunnel/tunnel-limits.ts";

/** A socket that buffers all messages until the test takes them. */
class SlowWire {
  readonly messages: string[] = [];
  #buffered = 0;
  #waiting: (() => void)[] = [];
  #due: (() => void)[] = [];

  send(text: string, onTaken: () => void): void {
    this.messages.push(text);
    this.#buffered += Buffer.byteLength(text);
    this.#waiting.push(onTaken);
  }

  bufferedBytes(): number {
    return this.#buffered;
  }

  soon(task: () => void): void {
    this.#due.push(task);
  }

  /** Everything that is due already has been done. */
  turn(): void {
    for (const task of this.#due.splice(0)) task();
  }

  /** Takes all buffered messages. */
  drain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#buffered = 0;
    for (const onTaken of waiting) onTaken();
  }

  /** Takes all messages and returns the frames in the order of arrival. */
  arrive(): SentFrame[] {
    this.turn();
    for (let given = -1; given !== this.messages.length; ) {
      given = this.messages.length;
      this.drain();
    }
    const reader = new FrameReader<SentFrame>(BridgeFrame);
    return this.messages.flatMap((message) => {
      const reading = reader.read(message);
      if (reading.kind === "frames") return reading.frames;
      expect(reading.kind).toBe("part");
      return [];
    });
  }
}

const result = (id: string, chars: number): SentFrame => ({ type: "result", id, value: "x".repeat(chars) });
const notice = (id: string, progress: number): SentFrame => ({ type: "progress", id, progress });
const status = (state: "running" | "failed"): SentFrame => ({ type: "server_status", server: { id: "time", state } });
const nameOf = (frame: SentFrame): string => ("id" in frame ? `${frame.type} ${frame.id}` : frame.type);

describe("the queue for a slow network", () => {
  test("sends what is posted in one turn together and in order while the network is fast", () => {
    const wire = new SlowWire();
    const outbox = new TunnelOutbox(wire);
    for (const frame of [status("running"), notice("1", 1), result("1", 10)]) outbox.post(frame);
    wire.turn();
    expect(wire.messages).toHaveLength(2);
    outbox.post(result("2", 10));
    expect(wire.messages).toHaveLength(2);
    outbox.post(status("failed"));
    expect(wire.messages).toHaveLength(4);
    expect(wire.arrive().map(nameOf)).toEqual(["server_status", "progress 1", "result 1", "result 2", "server_status"]);
  });

  test("sends a lone short frame as it is, and nothing twice", () => {
    const wire = new SlowWire();
    const outbox = new TunnelOutbox(wire);
    outbox.post(result("1", 10));
    outbox.flush();
    wire.turn();
    expect(wire.messages).toEqual([JSON.stringify(result("1", 10))]);
  });

  test("bounds what is sent together in characters and number", () => {
    const wire = new SlowWire();
    const outbox = new TunnelOutbox(wire);
    const half = tunnelLimits.framesTogetherCharsMax / 2;
    const sent = [...[half, half, 10].map((chars, at) => result(`${at}`, chars)), result("long", 3 * half)];
    for (const frame of sent) outbox.post(frame);
    wire.turn();
    const results = (message: string) => message.split(`"type":"result"`).length - 1;
    expect(wire.messages.map(results)).toEqual([1, 2, 1]);
    for (let at = 0; at <= tunnelLimits.framesTogetherMax; at++) outbox.post(result(`${at}`, 1));
    wire.turn();
    expect(wire.messages.slice(3).map(results)).toEqual([tunnelLimits.framesTogetherMax, 1]);
    expect(wire.arrive()).toHaveLength(4 + tunnelLimits.framesTogetherMax + 1);
  });

  test("sends short frames between the parts of a long one, and buffers few parts at a time", {
    tags: ["tunnel.backpressure"],
  }, () => {
    const wire = new SlowWire();
    const outbox = new TunnelOutbox(wire);
    outbox.post(result("large", 8_000_000));
    expect(wire.bufferedBytes()).toBeLessThan(limits.socketBufferedBytesMax + limits.messageBytesMax);
    outbox.post(result("small", 10));
    outbox.post(notice("other", 1));
    expect(wire.arrive().map(nameOf)).toEqual(["result small", "progress other", "result large"]);
  });

  test("keeps registry and status frames in order, whatever their size", { tags: ["tunnel.backpressure"] }, () => {
    const wire = new SlowWire();
    const outbox = new TunnelOutbox(wire);
    outbox.post(result("large", 4_000_000));
    const problems = [{ path: "x", message: "y".repeat(limits.partCharsMax) }];
    outbox.post({ type: "registry", servers: [], registry: { isWhole: false, servers: [], problems } });
    outbox.post(status("failed"));
    expect(wire.arrive().map(nameOf)).toEqual(["result large", "registry", "server_status"]);
  });

  test("is limited: progress notifications are dropped, and results that do not fit are refused", {
    tags: ["tunnel.backpressure"],
  }, () => {
    const wire = new SlowWire();
    const outbox = new TunnelOutbox(wire);
    const largest = Math.floor(limits.frameBytesMax * 0.99);
    for (let index = 0; index < 4; index++) expect(outbox.post(result(`large ${index}`, largest)).kind).toBe("posted");
    expect(outbox.post(result("one more", largest))).toEqual({ kind: "no_room" });
    for (let index = 0; index < limits.noticesQueuedMax * 3; index++) outbox.post(notice("1", index));
    const arrived = wire.arrive().map(nameOf);
    expect(arrived.filter((name) => name === "progress 1")).toHaveLength(limits.noticesQueuedMax);
    expect(arrived.filter((name) => name.startsWith("result"))).toHaveLength(4);
    expect(outbox.post(result("now", largest)).kind).toBe("posted");
  });

  test("is full at its maximum size, and has room again after sending", { tags: ["tunnel.backpressure"] }, () => {
    const wire = new SlowWire();
    const outbox = new TunnelOutbox(wire);
    const half = limits.frameBytesMax / 2;
    for (let index = 0; index < 7; index++) outbox.post(result(`${index}`, half));
    outbox.post(result("rest", half - 2_000));
    expect(outbox.isFull).toBe(false);
    outbox.post({
      type: "failure",
      id: "f",
      delivery: "answered",
      error: { code: "tool_error", phase: "tool", message: "m".repeat(4_000), retryable: false },
    });
    expect(outbox.isFull).toBe(true);
    wire.arrive();
    expect(outbox.isFull).toBe(false);
  });

  test("refuses a result of more different names than the Worker reads, and takes as many of the same", {
    tags: ["servers.no-delay"],
  }, () => {
    const outbox = new TunnelOutbox(new SlowWire());
    const value = (named: (at: number) => string) =>
      Array.from({ length: limits.answerNamesMax + 20_000 }, (_, at) => ({ [named(at)]: 1 }));
    expect(outbox.post({ type: "result", id: "1", value: value((at) => `name${at}`) })).toEqual({ kind: "too_many_parts" });
    expect(outbox.post({ type: "result", id: "1", value: value(() => "name") }).kind).toBe("posted");
  });

  test.each<[string, () => object]>([
    ["lists", () => []],
    ["fields", () => ({ a: 1 })],
  ])(
    "refuses a result of more %s than the Worker reads, and takes a text of any characters",
    { tags: ["tunnel.large"] },
    (_what, partOf) => {
      const outbox = new TunnelOutbox(new SlowWire());
      const value = Array.from({ length: limits.answerPartsMax }, partOf);
      expect(outbox.post({ type: "result", id: "1", value })).toEqual({ kind: "too_many_parts" });
      expect(outbox.post({ type: "result", id: "1", value: value.slice(0, limits.answerPartsMax / 4) }).kind).toBe("posted");
      expect(outbox.post({ type: "result", id: "1", value: "[{:".repeat(limits.answerPartsMax) }).kind).toBe("posted");
    },
  );

  test("takes a frame of frameBytesMax in UTF-8, and refuses one that is a byte larger", { tags: ["tunnel.large"] }, () => {
    const outbox = new TunnelOutbox(new SlowWire());
    const hull = Buffer.byteLength(JSON.stringify({ type: "result", id: "1", value: "" }));
    const room = limits.frameBytesMax - hull;
    const value = `${"€".repeat(Math.floor(room / 3))}${"x".repeat(room % 3)}`;
    expect(outbox.post({ type: "result", id: "1", value }).kind).toBe("posted");
    expect(outbox.post({ type: "result", id: "1", value: `${value}x` })).toEqual({
      kind: "too_large",
      bytes: limits.frameBytesMax + 1,
    });
  });
});
