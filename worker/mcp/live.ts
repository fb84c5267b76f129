import type { RunProgress } from "../../core/calls/progress.ts";
import { clientSpecifier } from "../../core/codegen/specifiers.ts";
import type { LogLine, RunLine } from "../../core/log-line.ts";
import { lineText } from "../../core/log-line.ts";

/** In ascending order (RFC 5424). */
const severities = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;
export type LogLevel = (typeof severities)[number];

/** What a request gives to tell its client something before the answer. */
export interface LiveRequest {
  progressToken: string | number | undefined;
  /** 2026-07-28; there the request itself says which levels it wants, and `log` heeds it. */
  isModern: boolean;
  log(level: LogLevel, data: unknown, logger: string): Promise<void>;
  notify(notification: { method: string; params: Record<string, unknown> }): Promise<void>;
}

export interface Live {
  /** @param leastLevel what the client asked for by logging/setLevel, where the protocol has that */
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
 * Tells one request's client what its program does while it runs. A console line, or a line that a server logs, is a log message (spec: server/utilities/
 * logging: in 2025-11-25 a server may send them unless a level was set, in 2026-07-28 only to a request that names a level),
 * and for clients that show nothing but progress also the message of a progress notification.
 *
 * Progress must increase with each notification (spec: basic/utilities/progress). The program's own values are passed on as
 * they are where they do; a line, or a value that does not, comes a hair after the last one. That hair is far below any step
 * a program counts in, so that its next value is larger still.
 */
export function createLive({ progressToken, isModern, log, notify }: LiveRequest): Live {
  let last = Number.NEGATIVE_INFINITY;
  let total: number | undefined;

  function advance(to: number, message: string | undefined): void {
    if (progressToken === undefined) return;
    const next = to > last ? to : last + Math.max(1e-6, Math.abs(last) * 2 ** -40);
    // Beyond the largest number there is nothing larger.
    if (!Number.isFinite(next)) return;
    last = next;
    const params = { progressToken, progress: next, ...(total === undefined ? {} : { total }) };
    send(notify({ method: "notifications/progress", params: message === undefined ? params : { ...params, message } }));
  }

  function stay(message: string): void {
    advance(last === Number.NEGATIVE_INFINITY ? 0 : last, message);
  }

  return {
    printed(lines, leastLevel) {
      for (const line of lines) {
        const level = levels[line.level];
        if (isModern || !isBelow(level, leastLevel)) send(log(level, line.message, loggerOf(line)));
        stay(lineText(line));
      }
    },
    progressed(progress) {
      if (progress.progress === undefined) return stay(progress.message);
      total = progress.total;
      advance(progress.progress, progress.message);
    },
  };
}

/** A server's as programs import it: no program can pass its own lines off as those. */
function loggerOf({ server }: RunLine): string {
  return server === undefined ? "program" : clientSpecifier(server);
}

function isBelow(level: LogLevel, least: LogLevel | undefined): boolean {
  return least !== undefined && severities.indexOf(level) < severities.indexOf(least);
}

/** A client that has gone away cannot be told; the run ends by its signal. */
function send(sent: Promise<void>): void {
  sent.catch(() => undefined);
}
