import { z } from "zod";
import { OrchestratorError } from "../errors.ts";
import { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { serverKey } from "../registry/server-key.ts";
import type { Store } from "../store.ts";
import { withoutInvisible } from "../text.ts";

/** The part of a tool that a server tells and a model reads: what was accepted is accepted with every word of it. */
const PinnedTool = Tool.pick({
  name: true,
  title: true,
  description: true,
  inputSchema: true,
  outputSchema: true,
  annotations: true,
});
type PinnedTool = z.infer<typeof PinnedTool>;

const StoredPins = z.record(z.string(), z.object({ sha256: z.string(), tool: PinnedTool }));
type StoredPins = z.infer<typeof StoredPins>;

/** A tool that is not as it was accepted. `before` is left out for one that never was. */
export interface ChangedTool {
  server: string;
  tool: string;
  before?: PinnedTool | undefined;
  after: PinnedTool;
}

/** What was accepted of each server's tools. A tool that changed is not called until a person accepts it as it is now. */
export interface Pins {
  /** A server has listed these tools. Tools that were never seen are accepted, unless the entry pins strictly. */
  listed(server: ServerEntry, tools: readonly Tool[]): void;
  /** @throws OrchestratorError `tool_changed` with the difference */
  check(server: ServerEntry, tool: Tool): void;
  changed(server: ServerEntry, tools: readonly Tool[]): ChangedTool[];
  /** Accepts the tools as they are listed. Returns their names. */
  accept(server: ServerEntry, tools: readonly Tool[]): string[];
}

export function createPins({ store, sha256 }: { store: Store; sha256: (text: string) => string }): Pins {
  const known = new Map<string, StoredPins>();
  const hashes = new WeakMap<Tool, string>();

  function pinsOf(server: ServerEntry): StoredPins {
    const key = serverKey("pin", server);
    const pins = known.get(key) ?? StoredPins.safeParse(store.read(key)).data ?? {};
    known.set(key, pins);
    return pins;
  }

  function hashOf(tool: Tool): string {
    const hash = hashes.get(tool) ?? sha256(canonical(pinned(tool)));
    hashes.set(tool, hash);
    return hash;
  }

  function write(server: ServerEntry, tools: readonly Tool[]): void {
    if (tools.length === 0) return;
    const key = serverKey("pin", server);
    const added = tools.map((tool) => [tool.name, { sha256: hashOf(tool), tool: pinned(tool) }] as const);
    const pins = { ...pinsOf(server), ...Object.fromEntries(added) };
    known.set(key, pins);
    store.write(key, pins);
  }

  const isPinned = ({ pin, mcp }: ServerEntry) => pin !== "off" && mcp.transport !== "built_in";
  const isNew = (server: ServerEntry, tool: Tool) => !Object.hasOwn(pinsOf(server), tool.name);
  const isOther = (server: ServerEntry, tool: Tool) => pinsOf(server)[tool.name]?.sha256 !== hashOf(tool);

  function changeOf(server: ServerEntry, tool: Tool): ChangedTool | undefined {
    if (!isPinned(server) || !isOther(server, tool)) return undefined;
    if (isNew(server, tool) && server.pin !== "strict") return undefined;
    const before = isNew(server, tool) ? undefined : pinsOf(server)[tool.name]?.tool;
    return { server: server.id, tool: tool.name, ...(before && { before }), after: pinned(tool) };
  }

  return {
    listed(server, tools) {
      if (!isPinned(server) || server.pin === "strict") return;
      write(
        server,
        tools.filter((tool) => isNew(server, tool)),
      );
    },
    check(server, tool) {
      const change = changeOf(server, tool);
      if (change !== undefined) throw notAccepted(change);
    },
    changed: (server, tools) => tools.flatMap((tool) => changeOf(server, tool) ?? []),
    accept(server, tools) {
      const accepted = tools.filter((tool) => changeOf(server, tool) !== undefined);
      write(server, accepted);
      return accepted.map(({ name }) => name);
    },
  };
}

function pinned({ name, title, description, inputSchema, outputSchema, annotations }: Tool): PinnedTool {
  return { name, title, description, inputSchema, outputSchema, annotations };
}

/** Independent of the order in which a server writes the members of its schemas. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}

function notAccepted(change: ChangedTool): OrchestratorError {
  const { server, tool, before } = change;
  const what = before === undefined ? "was not accepted yet" : "is not the tool that was accepted";
  const message = `${server}.${tool} ${what}, so nothing was sent. Show the user the difference; \`mcp-bridge accept ${server} ${tool}\` accepts it.
${differenceOf(change)}`;
  return new OrchestratorError("tool_changed", message, { server, tool });
}

/** Each part of the tool that differs, as it was and as it is. The words are the server's: invisible ones are left out. */
export function differenceOf({ before, after }: ChangedTool): string {
  const parts = ["title", "description", "inputSchema", "outputSchema", "annotations"] as const;
  const lines = parts
    .filter((part) => canonical(before?.[part] ?? null) !== canonical(after[part] ?? null))
    .flatMap((part) => {
      const was = before?.[part];
      const is = after[part];
      return [`${part}:`, ...(was === undefined ? [] : [`- ${text(was)}`]), ...(is === undefined ? [] : [`+ ${text(is)}`])];
    });
  return withoutInvisible(lines.join("\n"));
}

function text(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : canonical(value);
}
