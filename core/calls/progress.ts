import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import { withoutControls } from "../log-line.ts";
import type { Progress, ServerLog, UpstreamCallOptions } from "../mcp/upstream.ts";
import { startOf, withoutInvisible } from "../text.ts";
import { type Bucket, takeToken } from "../token-bucket.ts";

/** Receives what servers send during the calls of a run: progress and log notifications. */
export interface RunNotifications {
  /** For one call; `onLog` is the same for all calls of a server. */
  listen(server: string, tool: string): Pick<UpstreamCallOptions, "onProgress" | "onLog">;
}

/**
 * The progress of a run. Its numbers are the program's own. The progress of a single call arrives as a message without numbers, so
 * that parallel calls do not move the count back and forth.
 */
export type RunProgress = Progress | { message: string; progress?: undefined; total?: undefined };

interface NewsParts {
  clock: Clock;
  onProgress: (progress: RunProgress) => void;
  onLog: (server: string, line: ServerLog) => void;
}

export function createRunNotifications({ clock, onProgress, onLog }: NewsParts): RunNotifications {
  const listeners = new Map<string, (line: ServerLog) => void>();
  let bucket: Bucket | undefined;

  /** A notification over the rate is dropped: the next one is newer. */
  function hasRoom(): boolean {
    const taken = takeToken(bucket, { perMinute: limits.callProgressPerMinute, now: clock.now() });
    bucket = taken.bucket;
    return taken.waitMs === 0;
  }

  function listenerOf(server: string): (line: ServerLog) => void {
    const existing = listeners.get(server);
    if (existing) return existing;
    const listener = (line: ServerLog) => onLog(server, line);
    listeners.set(server, listener);
    return listener;
  }

  return {
    listen: (server, tool) => ({
      onProgress(progress) {
        if (hasRoom()) onProgress({ message: `${server}.${tool}: ${wordsOf(progress)}` });
      },
      onLog: listenerOf(server),
    }),
  };
}

function wordsOf({ progress, total, message }: Progress): string {
  const far = total === undefined ? `${roundOff(progress)}` : `${roundOff(progress)}/${roundOff(total)}`;
  return message === undefined
    ? far
    : `${far} ${withoutControls(withoutInvisible(startOf(message, limits.serverLogCharsMax)).replace(/\s+/g, " "))}`;
}

function roundOff(value: number): number {
  return Math.round(value * 100) / 100;
}
