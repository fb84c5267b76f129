import { z } from "zod";
import { PublicError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { LogLine } from "../log-line.ts";
import { Elicitation, ElicitationAnswer } from "../mcp/elicitation.ts";
import { FeatureRequest } from "../mcp/resources-and-prompts.ts";
import { AdvertisedRegistry } from "../registry/advertised-registry.ts";
import { tunnelLimits } from "./tunnel-limits.ts";

/*
 * The frames of the tunnel: the protocol between the Worker and a bridge, over one WebSocket that the bridge opens. docs/tunnel.md
 * describes the same for whoever writes another bridge.
 *
 *   both              part, of a frame too long for one message (core/tunnel/encoding.ts)
 *   bridge → worker   frames, several of those below in one message
 *   bridge → worker   hello, once, first; registry, whenever its file changed
 *   worker → bridge   list_tools, call_tool, ask, process_output, cancel; elicit_answer, one for each elicit
 *   bridge → worker   result | failure, exactly one for each request; progress and elicit before it; log while its server has any; server_status at any time
 *
 * A request names a server by id. No frame can carry a command: the bridge starts only what its own file declares.
 * The heartbeat is the text "ping", which the runtime answers with "pong" without waking the object.
 */

export const tunnelVersion = 3;
export const heartbeat = { ping: "ping", pong: "pong" } as const;

const requestId = z.string().min(1).max(64);
const serverId = z.string().min(1).max(64);

/** The state of one server that a bridge declares. `stopped` is normal: servers start when they are needed. */
export const BridgeServer = z.object({
  id: serverId,
  state: z.enum(["stopped", "running", "failed"]),
  /** Why it failed, with the last lines of its stderr. */
  reason: z.string().optional(),
  /** How many times the server has sent `tools/list_changed`. A listing from before the last one is outdated. */
  toolsChanges: z.number().int().min(0).optional(),
});
export type BridgeServer = z.infer<typeof BridgeServer>;

/** What a server's process has printed since its last start: its first and its last lines, without its secrets. */
export const ProcessOutput = z.object({
  /** Milliseconds since the epoch. Left out: not started since the bridge was. */
  startedAt: z.number().optional(),
  first: z.array(z.string()),
  /** Lines between the first and the last ones. */
  omitted: z.number().int().min(0),
  last: z.array(z.string()),
});
export type ProcessOutput = z.infer<typeof ProcessOutput>;

/** A part of a frame's text. One frame at a time is in parts; index 0 begins another one, and drops one that is incomplete. */
const part = z.object({ type: z.literal("part"), index: z.number().int().min(0), isLast: z.boolean(), text: z.string() });
export type Part = z.infer<typeof part>;

const hello = z.object({
  type: z.literal("hello"),
  version: z.literal(tunnelVersion),
  /** The same whenever this machine serves this file. A new socket with the same key replaces the old one. */
  key: z.string().min(1).max(64),
  /** Different for each process of the bridge, because the state that stateful servers held ends with the process. */
  instance: z.string().min(1).max(64),
  /** The name of the machine, for messages. */
  bridge: z.string().max(200),
  servers: z.array(BridgeServer),
  /** Left out: the servers are those of the Worker's own registry. */
  registry: AdvertisedRegistry.optional(),
});
/** The registry file changed. */
const registry = z.object({ type: z.literal("registry"), registry: AdvertisedRegistry, servers: z.array(BridgeServer) });
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
 * A server's elicitation request; `question` is the bridge's id for it. Until it is answered, the timeouts of all requests to that
 * server are paused on both sides.
 */
const elicit = z.object({
  type: z.literal("elicit"),
  id: requestId,
  question: requestId,
  elicitation: Elicitation,
  /** False when the server has several requests under way and did not say which one this belongs to: then `id` is the oldest. */
  isCertain: z.boolean(),
});

/** A log message of a server that has requests of this socket under way. MCP does not say which request it belongs to. */
const log = z.object({ type: z.literal("log"), server: serverId, ...LogLine.shape });

const ofRequests = [result, failure, progress, log, elicit] as const;

/** Each message wakes the session, which costs more than reading a short frame. */
const several = z.object({
  type: z.literal("frames"),
  frames: z.array(z.discriminatedUnion("type", ofRequests)).max(tunnelLimits.framesTogetherMax),
});
export type Several<Frame> = { type: "frames"; frames: Frame[] };

export const BridgeFrame = z.discriminatedUnion("type", [hello, registry, serverStatus, ...ofRequests, several, part]);
export type BridgeFrame = z.infer<typeof BridgeFrame>;
/** A frame of a bridge that is complete, and one. */
export type SentFrame = Exclude<BridgeFrame, Part | { type: "frames" }>;

/** The values are not validated: JSON.parse made them, and checking each one again takes seconds for megabytes. */
const jsonObject = z.custom<Record<string, JsonValue>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** False when the client of the run cannot be asked: a question then belongs to another call, if there is one that can ask. */
const canElicit = z.boolean().optional();

/** The same for all calls of one run, whose questions reach the same person. */
const caller = z.string().max(64).optional();

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
  /** The wait for the answer is restarted by every progress notification, and ends after `totalMs` all the same. */
  timeoutMs: z.number().positive(),
  totalMs: z.number().positive().optional(),
  canElicit,
  caller,
});
/** A request for the server's resources or prompts. */
const ask = z.object({
  type: z.literal("ask"),
  id: requestId,
  server: serverId,
  request: FeatureRequest,
  timeoutMs: z.number().positive(),
  totalMs: z.number().positive().optional(),
  canElicit,
  caller,
});
/** A request for a ProcessOutput. It starts nothing. */
const processOutput = z.object({
  type: z.literal("process_output"),
  id: requestId,
  server: serverId,
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

export const WorkerFrame = z.discriminatedUnion("type", [listTools, callTool, ask, processOutput, cancel, elicitAnswer, part]);
export type WorkerFrame = z.infer<typeof WorkerFrame>;

/** What a hello of every version has. A bridge of another version is told so, and not that its frame is broken. */
const AnyHello = z.object({ type: z.literal("hello"), version: z.number() });

/** Whether a message that is not a frame of this version is the hello of another one. */
export function isOtherHello(message: string): boolean {
  try {
    const hello = AnyHello.safeParse(JSON.parse(message));
    return hello.success && hello.data.version !== tunnelVersion;
  } catch {
    // Not JSON, so not a hello of any version.
    return false;
  }
}

/** Why the Worker closes a bridge's socket. The bridge prints the reason, and reconnects only after `interrupted`. */
export const closeCodes = {
  /** A newer bridge took its place. */
  replaced: 4001,
  /** It speaks another version of this protocol. */
  versionMismatch: 4002,
  /** It sent something that is not a frame. */
  badFrame: 4003,
  /** `bridgesMax` bridges serve this session already. */
  full: 4004,
  /** The session object was restarted in the middle of a frame that came in parts. */
  interrupted: 4005,
} as const;
