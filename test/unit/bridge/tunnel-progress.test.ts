import { expect, test } from "vitest";
import { TunnelNotifications } from "../../../bridge/tunnel/progress.ts";
import { limits } from "../../../core/limits.ts";
import type { BridgeFrame } from "../../../core/tunnel/frames.ts";
import { ManualClock } from "../../support/fakes.ts";

function start() {
  const clock = new ManualClock();
  const posted: BridgeFrame[] = [];
  const notifications = new TunnelNotifications({ post: (frame) => posted.push(frame), now: clock.now });
  return { clock, posted, notifications };
}

test("the progress notifications of each request have their own rate limit", () => {
  const { clock, posted, notifications } = start();
  const chatty = notifications.listen({ id: "1", server: "db" });
  const quiet = notifications.listen({ id: "2", server: "db" });
  for (let progress = 0; progress < 1_000; progress++) chatty.onProgress({ progress });
  quiet.onProgress({ progress: 7, total: 9, message: "seven" });
  expect(posted).toHaveLength(limits.callProgressPerMinute + 1);
  expect(posted.at(-1)).toEqual({ type: "progress", id: "2", progress: 7, total: 9, message: "seven" });
  clock.advance(1_000);
  chatty.onProgress({ progress: 1_000 });
  expect(posted.at(-1)).toEqual({ type: "progress", id: "1", progress: 1_000 });
});

test("all requests to a server share one log listener, within the server's rate", { tags: ["upstream.news"] }, () => {
  const { posted, notifications } = start();
  const [one, two] = ["1", "2"].map((id) => notifications.listen({ id, server: "db" }));
  const other = notifications.listen({ id: "3", server: "files" });
  expect(one?.onLog).toBe(two?.onLog);
  for (let line = 0; line < 1_000; line++) one?.onLog({ level: "info", message: `${line}` });
  other.onLog({ level: "error", message: "full" });
  expect(posted).toHaveLength(limits.serverLogsPerMinute + 1);
  expect(posted.at(-1)).toEqual({ type: "log", server: "files", level: "error", message: "full" });
});
