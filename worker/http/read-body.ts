import type { Clock } from "../../core/clock.ts";

export type ReadBody = { kind: "text"; text: string } | { kind: "too_large" } | { kind: "too_slow" };

interface Bounds {
  bytesMax: number;
  ms: number;
  clock: Clock;
}

/** Reads a body within its bounds, which are counted while it arrives: what its headers say of it may be wrong, or missing. */
export async function readBody(body: ReadableStream<Uint8Array> | null, { bytesMax, ms, clock }: Bounds): Promise<ReadBody> {
  if (body === null) return { kind: "text", text: "" };
  const reader = body.getReader();
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const cancelTimer = clock.after(ms, () => resolve("late"));
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), late]);
      if (read === "late") {
        // The reader keeps the stream, so that nobody waits for the rest.
        void reader.cancel().catch(() => undefined);
        return { kind: "too_slow" };
      }
      if (read.done) return { kind: "text", text: text + decoder.decode() };
      bytes += read.value.length;
      if (bytes > bytesMax) {
        reader.releaseLock();
        return { kind: "too_large" };
      }
      text += decoder.decode(read.value, { stream: true });
    }
  } finally {
    cancelTimer();
  }
}
