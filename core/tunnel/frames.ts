import { z } from "zod";
import { PublicError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { LogLine } from "../log-line.ts";
import { Elicitation, ElicitationAnswer } from "../mcp/elicitation.ts";
import { FeatureRequest } from "../mcp/resources-and-prompts.ts";
import { AnnouncedRegistry } from "../registry/session-registry.ts";

/*
 * The tunnel: what the Worker and the bridge say to each other over one WebSocket that the bridge dials out. docs/tunnel.md is the
 * same for whoever writes another bridge.
 *
 *   both              part, a piece of a frame too long for one message (core/tunnel/encoding.ts)
 *   bridge → worker   hello, once, first; registry, whenever its file changed
 *   worker → bridge   list_tools, call_tool, ask, cancel; elicit_answer, one for each elicit
 *   bridge → worker   result | failure, exactly one for each request; progress and elicit before it; log while its server has any; server_status at any time
 *
 * A request names a server by id. No frame can carry a command: the bridge starts only what its own file declares.
 * Liveness is the text "ping", answered "pong" by the runtime without waking the object.
 */

export const tunnelVersion = 2;
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

/** A piece of a frame's text. One frame at a time is in pieces; 0 begins another, and gives up one that was not finished. */
const part = z.object({ type: z.literal("part"), index: z.number().int().min(0), isLast: z.boolean(), text: z.string() });
export type Part = z.infer<typeof part>;

const hello = z.object({
  type: z.literal("hello"),
  version: z.literal(tunnelVersion),
  /** The same whenever this machine serves this file: what dials in with it again replaces what did before. */
  key: z.string().min(1).max(64),
  /** Another for each process of the bridge: what its servers held ended with the one before. */
  instance: z.string().min(1).max(64),
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

/**
 * Its server asks a person and waits for the answer; `question` is a name of the bridge's for it. The time of all requests of that
 * server stands still meanwhile, on both sides.
 */
const elicit = z.object({
  type: z.literal("elicit"),
  id: requestId,
  question: requestId,
  elicitation: Elicitation,
  /** False where the server has several requests under way and did not say which one asks: then `id` is the oldest. */
  isCertain: z.boolean(),
});

/** What a server logs while it has requests of this socket; it does not say to which one that belongs. */
const log = z.object({ type: z.literal("log"), server: serverId, ...LogLine.shape });

export const BridgeFrame = z.discriminatedUnion("type", [
  hello,
  registry,
  serverStatus,
  result,
  failure,
  progress,
  log,
  elicit,
  part,
]);
export type BridgeFrame = z.infer<typeof BridgeFrame>;

/** What JSON.parse yields is JSON already; looking at each of its values again takes seconds for megabytes. */
const jsonObject = z.custom<Record<string, JsonValue>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

const listTools = z.object({
  type: z.literal("list_tools"),
  id: requestId,
  server: serverId,
  timeoutMs: z.number().positive(),
  totalMs: z.number().positive().optional(),
});
const callTool = z.object({
  type: z.literal("call_tool"),
  id: requestId,
  server: serverId,
  tool: z.string(),
  args: jsonObject,
  /** The wait for the answer begins anew with each progress, and ends after `totalMs` all the same. */
  timeoutMs: z.number().positive(),
  totalMs: z.number().positive().optional(),
});
/** About its resources and prompts. */
const ask = z.object({
  type: z.literal("ask"),
  id: requestId,
  server: serverId,
  request: FeatureRequest,
  timeoutMs: z.number().positive(),
  totalMs: z.number().positive().optional(),
});
const cancel = z.object({ type: z.literal("cancel"), id: requestId });
const elicitAnswer = z.object({
  type: z.literal("elicit_answer"),
  id: requestId,
  question: requestId,
  answer: ElicitationAnswer,
});

export const WorkerFrame = z.discriminatedUnion("type", [listTools, callTool, ask, cancel, elicitAnswer, part]);
export type WorkerFrame = z.infer<typeof WorkerFrame>;

/** All that a hello of any version has: who speaks another one is to hear that, and not that it speaks nothing. */
const AnyHello = z.object({ type: z.literal("hello"), version: z.number() });

/** Whether a message that is no frame is the hello of another version. */
export function isOtherHello(message: string): boolean {
  try {
    const hello = AnyHello.safeParse(JSON.parse(message));
    return hello.success && hello.data.version !== tunnelVersion;
  } catch {
    // No JSON, so of no version at all.
    return false;
  }
}

/** Why the Worker closes a bridge's socket. The bridge prints it, and dials again only after `interrupted`. */
export const closeCodes = {
  /** A newer bridge took its place. */
  replaced: 4001,
  /** It speaks another version of this protocol. */
  versionMismatch: 4002,
  /** It sent something that is no frame. */
  badFrame: 4003,
  /** So many bridges serve this session already. */
  full: 4004,
  /** The Worker was started anew in the middle of a frame that came in parts. */
  interrupted: 4005,
} as const;
