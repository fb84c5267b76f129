import { expect, test } from "vitest";
import { readBody } from "../../../worker/http/read-body.ts";
import { ManualClock } from "../../support/fakes.ts";

const clock = new ManualClock();
const bounds = { bytesMax: 6, ms: 1_000, clock };

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

test.each([
  [[], ""],
  [["abc", "def"], "abcdef"],
  [["語", "語"], "語語"],
])("a body of %j is read whole", { tags: ["http.bodies"] }, async (chunks, text) => {
  expect(await readBody(streamOf(...chunks), bounds)).toEqual({ kind: "text", text });
  expect(clock.pending).toBe(0);
});

test("a character that is split between two chunks is read whole", async () => {
  const [first, second] = [new Uint8Array([0xe8, 0xaa]), new Uint8Array([0x9e])];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(first);
      controller.enqueue(second);
      controller.close();
    },
  });
  expect(await readBody(body, bounds)).toEqual({ kind: "text", text: "語" });
});

test("one byte more than the bound is too large, and what is left can be read by others", { tags: ["http.bodies"] }, async () => {
  const body = streamOf("abc", "defg", "rest");
  expect(await readBody(body, bounds)).toEqual({ kind: "too_large" });
  expect(body.locked).toBe(false);
  expect(clock.pending).toBe(0);
});

test("a body that stalls is given up on", { tags: ["http.bodies"] }, async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("a")),
    cancel() {
      isCancelled = true;
    },
  });
  const reading = readBody(body, bounds);
  clock.advance(1_000);
  expect(await reading).toEqual({ kind: "too_slow" });
  expect(isCancelled).toBe(true);
});
