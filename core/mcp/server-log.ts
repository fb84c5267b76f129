import { limits } from "../limits.ts";
import type { ServerLog } from "./upstream.ts";

/** The least severe messages that servers are asked for; `debug` is of use to those who write the server. */
const leastLogLevel = "info";

/** The SDK's client, as far as logs go. */
interface LoggingClient {
  getProtocolEra(): "modern" | "legacy" | undefined;
  getServerCapabilities(): { logging?: unknown } | undefined;
  setLoggingLevel(level: typeof leastLogLevel): Promise<unknown>;
}

/**
 * 2025-11-25, where a level holds for the connection: said once it stands, and not waited for. A server that refuses sends what it
 * likes, which is read all the same.
 */
export function askForLogs(client: LoggingClient): void {
  if (client.getProtocolEra() === "modern" || client.getServerCapabilities()?.logging === undefined) return;
  client.setLoggingLevel(leastLogLevel).catch(() => undefined);
}

/** 2026-07-28, where each request says for itself what it wants to hear: part of its `params`. */
export function logMeta(client: Pick<LoggingClient, "getProtocolEra">): { _meta?: Record<string, unknown> } {
  return client.getProtocolEra() === "modern" ? { _meta: { "io.modelcontextprotocol/logLevel": leastLogLevel } } : {};
}

/**
 * `params` of a `notifications/message` as a console line. Whatever its data is, it is told as text, and one more than is kept of it,
 * so that what is cut is seen to be. Undefined for what is too detailed, or says nothing.
 */
export function readServerLog(params: unknown): ServerLog | undefined {
  if (typeof params !== "object" || params === null) return undefined;
  const { level, data } = params as { level?: unknown; data?: unknown };
  const text = typeof data === "string" ? data : JSON.stringify(data);
  if (level === "debug" || text === undefined || text.trim() === "") return undefined;
  return { level: levelOf(level), message: text.slice(0, limits.serverLogCharsMax + 1) };
}

/** The severities of RFC 5424, and what other libraries call them. */
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
