import type { RunProgress } from "../../core/calls/progress.ts";
import type { Clock } from "../../core/clock.ts";
import { clientSpecifier } from "../../core/codegen/specifiers.ts";
import { limits } from "../../core/limits.ts";
import type { LogLine, RunLine } from "../../core/log-line.ts";
import { lineText } from "../../core/log-line.ts";

/** In ascending order of severity (RFC 5424). */
const severities = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;
export type LogLevel = (typeof severities)[number];

/** What a request offers for notifications to its client before the result. */
export interface LiveRequest {
  progressToken: string | number | undefined;
  /** MCP 2026-07-28: the request itself names its log level, which `log` applies. */
  isModern: boolean;
  log(level: LogLevel, data: unknown, logger: string): Promise<void>;
  notify(notification: { method: string; params: Record<string, unknown> }): Promise<void>;
  clock: Clock;
}

/** Dispose it when the request is answered. */
export interface Live extends Disposable {
  /** @param leastLevel the level set with logging/setLevel (MCP 2025-11-25) */
  printed(lines: readonly RunLine[], leastLevel: LogLevel | undefined): void;
  progressed(progress: RunProgress): void;
}

const levels: Record<LogLine["level"], LogLevel> = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warning",
  error: "error",
};

/**
 * Sends a run's output to its client while the run goes on. A line from the console or from a server becomes a log message
 * (spec: server/utilities/logging. In 2025-11-25 all levels are sent unless the client set one; in 2026-07-28 a request gets log
 * messages only if it names a level). The line is also the message of a progress notification, for clients that show only those.
 *
 * Progress must increase with each notification (spec: basic/utilities/progress). The program's values are passed on unchanged
 * if they increase. A line, or a value that does not increase, is sent as the previous value + 1e-6. No program counts in steps
 * that small, so its next value is still larger.
 *
 * A request with a progress token that has no news gets a notification without a message every `progressHeartbeatMs`: clients give
 * up a request after a while without progress, however long its run may take.
 */
export function createLive({ progressToken, isModern, log, notify, clock }: LiveRequest): Live {
  let last = Number.NEGATIVE_INFINITY;
  let total: number | undefined;

  let stopHeartbeat: () => void = () => {};

  function restartHeartbeat(): void {
    stopHeartbeat();
    stopHeartbeat = clock.after(limits.progressHeartbeatMs, () => announce(undefined));
  }

  function advance(to: number, message: string | undefined): void {
    if (progressToken === undefined) return;
    restartHeartbeat();
    const next = to > last ? to : last + Math.max(1e-6, Math.abs(last) * 2 ** -40);
    // No finite number is larger than Number.MAX_VALUE.
    if (!Number.isFinite(next)) return;
    last = next;
    const params = { progressToken, progress: next, ...(total === undefined ? {} : { total }) };
    send(notify({ method: "notifications/progress", params: message === undefined ? params : { ...params, message } }));
  }

  /** Sends a message without a progress value of its own. */
  function announce(message: string | undefined): void {
    advance(last === Number.NEGATIVE_INFINITY ? 0 : last, message);
  }

  if (progressToken !== undefined) restartHeartbeat();
  return {
    printed(lines, leastLevel) {
      for (const line of lines) {
        const level = levels[line.level];
        if (isModern || !isBelow(level, leastLevel)) send(log(level, line.message, loggerOf(line)));
        announce(lineText(line));
      }
    },
    progressed(progress) {
      if (progress.progress === undefined) return announce(progress.message);
      total = progress.total;
      advance(progress.progress, progress.message);
    },
    [Symbol.dispose]() {
      stopHeartbeat();
    },
  };
}

/** A server's lines have the specifier of its client as their logger, which no program can set. */
function loggerOf({ server }: RunLine): string {
  return server === undefined ? "program" : clientSpecifier(server);
}

function isBelow(level: LogLevel, least: LogLevel | undefined): boolean {
  return least !== undefined && severities.indexOf(level) < severities.indexOf(least);
}

/** A client that has disconnected cannot receive notifications. That is not an error here: the abort signal ends the run. */
function send(sending: Promise<void>): void {
  sending.catch(() => undefined);
}
