import { systemClock } from "../clock.ts";
import { httpLimits } from "./http-limits.ts";

/**
 * Reads what is left of a body that nobody has read. Without that, workerd closes the connection as soon as the answer is sent, and a
 * client that still sends the body gets an error of its socket instead of the answer. Whoever sends it slowly does not wait for it.
 */
export async function discardBody(request: Request): Promise<void> {
  const { body } = request;
  if (body === null || body.locked) return;
  const reader = body.getReader();
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const cancelTimer = systemClock.after(httpLimits.refusedBodyMs, () => resolve("late"));
  let bytes = 0;
  try {
    while (bytes <= httpLimits.unreadBytesMax) {
      const read = await Promise.race([reader.read(), late]);
      if (read === "late" || read.done) return;
      bytes += read.value.length;
    }
  } catch {
    // The client is gone, and the answer with it.
  } finally {
    cancelTimer();
  }
}
