import { z } from "zod";
import { AnnouncedRegistry } from "./announcement.ts";
import { PublicError } from "./errors.ts";
import { limits } from "./limits.ts";

/*
 * The tunnel: what the Worker and the bridge say to each other over one WebSocket that the bridge dials out.
 *
 *   bridge → worker   hello, once, first; registry, whenever its file changed
 *   worker → bridge   list_tools, call_tool, cancel
 *   bridge → worker   result | failure, exactly one for each request; progress before it; server_status at any time
 *
 * A request names a server by id. No frame can carry a command: the bridge starts only what its own file declares.
 * Liveness is the text "ping", answered "pong" by the runtime without waking the object.
 */

export const tunnelVersion = 1;
export const heartbeat = { ping: "ping", pong: "pong" } as const;

const requestId = z.string().min(1).max(64);
const serverId = z.string().min(1).max(64);

/** A bridge's word on one server it declares. `stopped` is normal: servers start when they are needed. */
export const BridgeServer = z.object({
  id: serverId,
  state: z.enum(["stopped", "running", "failed"]),
  /** Why it failed, with the last lines of its stderr. */
  reason: z.string().optional(),
  /** How often it has said that its tools changed; what was listed before the last time is old. */
  toolsChanges: z.number().int().min(0).optional(),
});
export type BridgeServer = z.infer<typeof BridgeServer>;

const hello = z.object({
  type: z.literal("hello"),
  version: z.number(),
  /** Shown in messages: the name of the machine. */
  bridge: z.string().max(200),
  servers: z.array(BridgeServer),
  /** Left out: the servers are those of the Worker's own registry. */
  registry: AnnouncedRegistry.optional(),
});
/** The file changed: what it holds now, and how its stdio servers are. */
const registry = z.object({ type: z.literal("registry"), registry: AnnouncedRegistry, servers: z.array(BridgeServer) });
const serverStatus = z.object({ type: z.literal("server_status"), server: BridgeServer });
const result = z.object({ type: z.literal("result"), id: requestId, value: z.unknown() });
const failure = z.object({
  type: z.literal("failure"),
  id: requestId,
  error: PublicError,
  delivery: z.enum(["not_sent", "sent", "answered"]),
});
const progress = z.object({
  type: z.literal("progress"),
  id: requestId,
  progress: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});

export const BridgeFrame = z.discriminatedUnion("type", [hello, registry, serverStatus, result, failure, progress]);
export type BridgeFrame = z.infer<typeof BridgeFrame>;

const listTools = z.object({
  type: z.literal("list_tools"),
  id: requestId,
  server: serverId,
  timeoutMs: z.number().positive(),
});
const callTool = z.object({
  type: z.literal("call_tool"),
  id: requestId,
  server: serverId,
  tool: z.string(),
  args: z.record(z.string(), z.json()),
  timeoutMs: z.number().positive(),
});
const cancel = z.object({ type: z.literal("cancel"), id: requestId });

export const WorkerFrame = z.discriminatedUnion("type", [listTools, callTool, cancel]);
export type WorkerFrame = z.infer<typeof WorkerFrame>;

/** Why the Worker closes a bridge's socket; the bridge prints it and does not dial again after these. */
export const closeCodes = {
  /** A newer bridge took its place. */
  replaced: 4001,
  /** It speaks another version of this protocol. */
  versionMismatch: 4002,
  /** It sent something that is no frame. */
  badFrame: 4003,
} as const;

/** The text of a frame, or undefined when it is too large to send. */
export function encodeFrame(frame: BridgeFrame | WorkerFrame): string | undefined {
  const text = JSON.stringify(frame);
  return fits(text) ? text : undefined;
}

/** A UTF-16 unit is one to three bytes of UTF-8, so most frames need no counting. */
function fits(text: string): boolean {
  if (text.length * 3 <= limits.frameBytesMax) return true;
  return text.length <= limits.frameBytesMax && new TextEncoder().encode(text).length <= limits.frameBytesMax;
}

/** Reads a frame; undefined when the text is not one. */
export function decodeFrame<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: the same answer as JSON of the wrong shape.
    return undefined;
  }
}
