import { isDeeper } from "../json.ts";
import { limits } from "../limits.ts";
import { startOf } from "../text.ts";
import type { ServerLog } from "./upstream.ts";

/** The log level that servers are asked for: `debug` is useful only to a server's developers. */
const leastLogLevel = "info";

/** The part of the SDK's client that concerns logging. */
interface LoggingClient {
  getProtocolEra(): "modern" | "legacy" | undefined;
  getServerCapabilities(): { logging?: unknown } | undefined;
  setLoggingLevel(level: typeof leastLogLevel): Promise<unknown>;
}

/**
 * 2025-11-25: sets the log level of the connection, without waiting for the answer. If a server refuses, its messages are still
 * filtered by `readServerLog`.
 */
export function askForLogs(client: LoggingClient): void {
  if (client.getProtocolEra() === "modern" || client.getServerCapabilities()?.logging === undefined) return;
  client.setLoggingLevel(leastLogLevel).catch(() => undefined);
}

/** 2026-07-28: the log level is part of the `params` of each request. */
export function logMeta(client: Pick<LoggingClient, "getProtocolEra">): { _meta?: Record<string, unknown> } {
  return client.getProtocolEra() === "modern" ? { _meta: { "io.modelcontextprotocol/logLevel": leastLogLevel } } : {};
}

/**
 * The `params` of a `notifications/message` as a console line, with its data as text. The text has up to one character more than is kept,
 * so that the reader can tell that it was cut. Undefined for `debug` messages and for empty ones.
 */
export function readServerLog(params: unknown): ServerLog | undefined {
  if (typeof params !== "object" || params === null) return undefined;
  const { level, data } = params as { level?: unknown; data?: unknown };
  const isDeep = isDeeper(data, limits.answerDepthMax);
  const text = typeof data === "string" ? data : isDeep ? "(data that nests too deep to be shown)" : JSON.stringify(data);
  if (level === "debug" || text === undefined || text.trim() === "") return undefined;
  return { level: levelOf(level), message: startOf(text, limits.serverLogCharsMax + 1) };
}

/** Maps the severities of RFC 5424, and the names that other logging libraries use. */
function levelOf(level: unknown): ServerLog["level"] {
  switch (level) {
    case "warning":
    case "warn":
      return "warn";
    case "error":
    case "critical":
    case "alert":
    case "emergency":
    case "fatal":
      return "error";
    default:
      return "info";
  }
}
