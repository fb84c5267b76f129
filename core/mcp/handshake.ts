import { isRecord } from "../json.ts";
import { startOf } from "../text.ts";
import { handshakeLimits } from "./handshake-limits.ts";

/*
 * The results of `initialize` and `server/discover`, read as leniently as lists: what is missing, null or of another type costs
 * nothing, because nothing of it is needed to call a tool.
 */

export type HandshakeMethod = "initialize" | "server/discover";

export function isHandshake(method: string): method is HandshakeMethod {
  return method === "initialize" || method === "server/discover";
}

/** The result in the form that the SDK accepts, or why it is none, to follow "refused the MCP handshake". */
export type HandshakeReading = { kind: "read"; result: Record<string, unknown> } | { kind: "unreadable"; problem: string };

export function readHandshake(result: unknown, method: HandshakeMethod): HandshakeReading {
  // PHP writes an empty object as an empty list.
  const members = Array.isArray(result) && result.length === 0 ? {} : result;
  if (!isRecord(members))
    return { kind: "unreadable", problem: `it answered ${method} with ${shown(result)}, which is no object` };
  const { instructions, capabilities, serverInfo } = members;
  const about = {
    capabilities: capabilitiesOf(capabilities),
    serverInfo: nameOf(serverInfo),
    ...(typeof instructions === "string" ? { instructions: startOf(instructions, handshakeLimits.instructionsCharsMax) } : {}),
  };
  switch (method) {
    case "initialize":
      return { kind: "read", result: { protocolVersion: versionOf(members.protocolVersion), ...about } };
    case "server/discover":
      return { kind: "read", result: { ...members, ...about, ...freshness, ...metaOf(members._meta) } };
  }
}

/** What 2026-07-28 requires of every result, and nothing here reads. */
const freshness = { resultType: "complete", ttlMs: 0, cacheScope: "private" };

/** Of what may stand there the SDK reads the name, which is in each key of its cache. */
function metaOf(meta: unknown): { _meta?: unknown } {
  if (!isRecord(meta)) return meta === undefined ? {} : { _meta: {} };
  return infoKey in meta ? { _meta: { ...meta, [infoKey]: nameOf(meta[infoKey]) } } : {};
}

const infoKey = "io.modelcontextprotocol/serverInfo";

/** Versions with `initialize`, newest first. */
const versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"] as const;
/** What a server speaks that does not say (spec: basic/transports, protocol version header). */
const assumedVersion = "2025-03-26";

/** A version that we speak: a newer one is compatible with the newest that we know, as far as a server accepted `initialize`. */
function versionOf(version: unknown): string {
  if (typeof version !== "string") return assumedVersion;
  const known = versions.find((candidate) => candidate === version.trim());
  if (known !== undefined) return known;
  return /^\d{4}-\d\d-\d\d$/.test(version) && version > versions[0] ? versions[0] : assumedVersion;
}

/**
 * Each capability as an object. A server that declares none that can be read may have any: it is asked, and what it does not know
 * it refuses.
 */
function capabilitiesOf(capabilities: unknown): Record<string, object> {
  if (!isRecord(capabilities)) return { tools: {}, resources: {}, prompts: {} };
  const declared = Object.entries(capabilities).filter(([, value]) => value !== null && value !== undefined && value !== false);
  return Object.fromEntries(declared.map(([name, value]) => [name, isRecord(value) ? optionsOf(value) : {}]));
}

/** The options of one capability: those of MCP are true or false, and objects in extensions. */
function optionsOf(options: Record<string, unknown>): Record<string, unknown> {
  const set = Object.entries(options).map(([name, value]) => [name, value === "true" || value === 1 ? true : value] as const);
  return Object.fromEntries(set.filter(([, value]) => typeof value === "boolean" || isRecord(value)));
}

function nameOf(info: unknown): { name: string; version: string } {
  const { name, version } = isRecord(info) ? info : {};
  const cut = (text: unknown) => (typeof text === "string" ? startOf(text, handshakeLimits.nameCharsMax) : "");
  return { name: cut(name), version: cut(version) };
}

function shown(value: unknown): string {
  return startOf(JSON.stringify(value) ?? "nothing", shownCharsMax);
}

const shownCharsMax = 80;
