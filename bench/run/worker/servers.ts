import { hasNoFeature } from "../../../core/mcp/resources-and-prompts.ts";
import { Tool } from "../../../core/mcp/tool.ts";
import type { Upstream } from "../../../core/mcp/upstream.ts";
import { type FileEntry, parseRegistry } from "../../../core/registry/registry.ts";

/** The two servers that programs call. Every contender knows both, with all their tools. */
export const serverIds = ["tracker", "archive"] as const;

const actions = ["list", "get", "create", "update", "watch"];
const things = {
  tracker: ["issue", "project", "label", "milestone", "comment", "member"],
  archive: ["file", "folder", "share", "version", "tag", "permission"],
};

/** The result of every tool. */
const answer = {
  id: 7,
  title: "A thing with a title of ordinary length",
  state: "open",
  labels: ["first", "second", "third"],
  owner: { id: 12, name: "Ada" },
};

/** The 30 tools of a server, with realistic schemas. */
export function toolsOf(id: (typeof serverIds)[number]): Tool[] {
  return things[id].flatMap((thing) => actions.map((action) => toolFor(action, thing)));
}

function toolFor(action: string, thing: string): Tool {
  return Tool.parse({
    name: `${action}_${thing}`,
    description: `${action} one ${thing} by its number, with what belongs to it.`,
    inputSchema: {
      type: "object",
      properties: {
        id: { type: "number", description: `Number of the ${thing}.` },
        state: { enum: ["open", "closed", "all"], default: "all", description: "Which states to look at." },
        labels: { type: "array", items: { type: "string" }, description: "Only with all of these labels." },
        limit: { type: "integer", minimum: 1, maximum: 100, default: 30 },
      },
      required: ["id"],
    },
    outputSchema: {
      type: "object",
      properties: {
        id: { type: "number" },
        title: { type: "string" },
        state: { enum: ["open", "closed"] },
        labels: { type: "array", items: { type: "string" } },
        owner: { type: "object", properties: { id: { type: "number" }, name: { type: "string" } }, required: ["id", "name"] },
      },
      required: ["id", "title", "state", "labels", "owner"],
    },
    annotations: { readOnlyHint: action === "get" || action === "list" },
  });
}

/** A registry with the two servers and as many others as are needed to reach `count`. */
export function registryOf(count: number): FileEntry[] {
  const ids = [...serverIds, ...Array.from({ length: count - serverIds.length }, (_, index) => `server_${index}`)];
  const servers = ids.map((id) => ({
    id,
    title: id,
    summary: `What the server ${id} is good for, in a sentence of ordinary length.`,
    mcp: { transport: "http", url: `https://${id}.invalid/mcp` },
    // The bench makes more calls than the default limits allow.
    limits: { callsPerMinute: 1_000_000_000, callsPerRun: 1_000_000, timeoutMs: 30_000 },
  }));
  return parseRegistry(JSON.stringify({ servers })).servers;
}

/** The servers in this process. Every tool answers at once, except `watch_` tools, which wait for `release`. */
export class Servers {
  #waiting: (() => void)[] = [];
  #noticed: { runs: number; resolve: () => void } | undefined;

  call(tool: string): typeof answer | Promise<typeof answer> {
    if (!tool.startsWith("watch_")) return answer;
    return new Promise((resolve) => {
      this.#waiting.push(() => resolve(answer));
      if (this.#waiting.length === this.#noticed?.runs) this.#noticed.resolve();
    });
  }

  /** Resolves once that many calls wait. */
  async hasWaiting(runs: number): Promise<void> {
    if (this.#waiting.length >= runs) return;
    await new Promise<void>((resolve) => {
      this.#noticed = { runs, resolve };
    });
  }

  release(): void {
    for (const answerCall of this.#waiting.splice(0)) answerCall();
  }

  /** The same servers behind the orchestrator's port. */
  asUpstream(): Upstream {
    return {
      reachability: () => ({ status: "connected" }),
      listTools: async ({ id }) => {
        const known = serverIds.find((candidate) => candidate === id);
        return known === undefined ? [] : toolsOf(known);
      },
      callTool: async (_server, { tool }) => ({ content: [], structuredContent: await this.call(tool) }),
      ask: async ({ id }, request) => {
        throw hasNoFeature(id, request);
      },
    };
  }
}
