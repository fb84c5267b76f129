import { exports } from "cloudflare:workers";
import type { AdvertisedRegistry } from "../../core/registry/advertised-registry.ts";
import type { FileEntry } from "../../core/registry/registry.ts";
import { FrameReader, messagesOf } from "../../core/tunnel/encoding.ts";
import { type BridgeFrame, heartbeat, type Part, type SentFrame, tunnelVersion, WorkerFrame } from "../../core/tunnel/frames.ts";
import { serverEntry } from "../support/builders.ts";

export type Request = Exclude<WorkerFrame, Part>;
export type Hello = Extract<BridgeFrame, { type: "hello" }>;

export const greet = {
  name: "greet",
  inputSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
};
export const callGreet = `import { time } from "mcp-clients"; return await time.greet({ name: "Ada" });`;

/** A WebSocket to the session object, before its first frame. */
export async function openSocket(session: string): Promise<WebSocket> {
  const response = await exports.default.fetch(`http://127.0.0.1/s/${session}/bridge`, {
    headers: { Upgrade: "websocket", Authorization: "Bearer test-bridge-token" },
  });
  if (!response.webSocket) throw new Error(`no socket: ${response.status}`);
  return response.webSocket;
}

/** The bridge's end of a real WebSocket to the session object. Answers requests with `answer`. */
export async function dial(session: string, answer: (request: Request) => SentFrame | undefined, said: Partial<Hello> = {}) {
  const socket = await openSocket(session);
  const reader = new FrameReader<Request>(WorkerFrame);
  const requests: Request[] = [];
  const send = (frame: SentFrame) => {
    for (const message of messagesOf(JSON.stringify(frame))) socket.send(message);
  };
  socket.addEventListener("message", (event) => {
    if (event.data === heartbeat.pong) return;
    const reading = reader.read(String(event.data));
    if (reading.kind === "part") return;
    if (reading.kind !== "frames") throw new Error(`the Worker sent no frame: ${String(event.data).slice(0, 200)}`);
    for (const frame of reading.frames) {
      requests.push(frame);
      const reply = answer(frame);
      if (reply) send(reply);
    }
  });
  const closed = new Promise<number>((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
  socket.accept();
  send({
    type: "hello",
    version: tunnelVersion,
    key: "test",
    instance: "first",
    bridge: "test",
    servers: [{ id: "time", state: "stopped" }],
    ...said,
  });
  return { socket, requests, closed, send };
}

/** What a bridge advertises of a file that holds these servers and no others. */
export function filed(...entries: FileEntry[]): Pick<Hello, "servers"> & { registry: AdvertisedRegistry } {
  return {
    servers: entries.map(({ id }) => ({ id, state: "stopped" })),
    registry: { isWhole: false, problems: [], servers: entries.map((entry) => advertisedServer(entry)) },
  };
}

function advertisedServer({ mcp: _mcp, ...entry }: FileEntry): AdvertisedRegistry["servers"][number] {
  return { ...entry, mcp: { transport: "stdio", mark: "1" } };
}

export function stdioServers(...ids: string[]): ReturnType<typeof filed> {
  return filed(...ids.map((id) => serverEntry(id)));
}

export function textResult(id: string, text: string): SentFrame {
  return { type: "result", id, value: { content: [{ type: "text", text }] } };
}

export function serveGreet(request: Request): SentFrame | undefined {
  return greetAs("Hello")(request);
}

/** Serves one tool, whose result begins with that word. */
export function greetAs(word: string): (request: Request) => SentFrame | undefined {
  return (request) => {
    switch (request.type) {
      case "list_tools":
        return { type: "result", id: request.id, value: [greet, { malformed: true }] };
      case "call_tool":
        return textResult(request.id, `${word} ${String(request.args.name)}`);
      default:
        return undefined;
    }
  };
}
