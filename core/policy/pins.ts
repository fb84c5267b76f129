import { OrchestratorError } from "../errors.ts";
import { canonicalJson } from "../json.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import type { Store } from "../store.ts";
import { withoutInvisible } from "../text.ts";
import { KeptPins, type PinnedTool } from "./kept-pins.ts";

/** A tool that is not as it was accepted. `before` is left out for one that never was. */
export interface ChangedTool {
  server: string;
  tool: string;
  before?: PinnedTool | undefined;
  after: PinnedTool;
}

/** What was accepted of each server's tools. A tool that changed is not called until a person accepts it as it is now. */
export interface Pins {
  /** Computes what is compared of a tool, which is remembered. */
  know(server: ServerEntry, tool: Tool): void;
  /** A server has listed these tools. Tools that were never seen are accepted, unless the entry pins strictly. */
  listed(server: ServerEntry, tools: readonly Tool[]): void;
  /** @throws OrchestratorError `tool_changed` with the difference */
  check(server: ServerEntry, tool: Tool): void;
  changed(server: ServerEntry, tools: readonly Tool[]): ChangedTool[];
  /** Accepts the tools as they are listed. Returns their names. */
  accept(server: ServerEntry, tools: readonly Tool[]): string[];
}

export function createPins({ store, sha256 }: { store: Store; sha256: (text: string) => string }): Pins {
  const kept = new KeptPins(store);
  const hashes = new WeakMap<Tool, string>();

  function hashOf(tool: Tool): string {
    const hash = hashes.get(tool) ?? sha256(canonicalJson(pinned(tool)));
    hashes.set(tool, hash);
    return hash;
  }

  const pinOf = (tool: Tool) => ({ sha256: hashOf(tool), tool: pinned(tool) });
  const isPinned = ({ pin, mcp }: ServerEntry) => pin !== "off" && mcp.transport !== "built_in";

  /** A new tool for which there is no room is as if the entry pinned strictly: otherwise it could change unseen. */
  function changeOf(server: ServerEntry, tool: Tool): ChangedTool | undefined {
    if (!isPinned(server)) return undefined;
    const pin = kept.find(server, tool);
    if (pin === undefined) {
      const isAccepted = server.pin !== "strict" && kept.fitting(server, [tool]).length > 0;
      return isAccepted ? undefined : { server: server.id, tool: tool.name, after: pinned(tool) };
    }
    return pin.sha256 === hashOf(tool)
      ? undefined
      : { server: server.id, tool: tool.name, before: pin.tool, after: pinned(tool) };
  }

  return {
    know(server, tool) {
      if (isPinned(server)) hashOf(tool);
    },
    listed(server, tools) {
      if (!isPinned(server) || server.pin === "strict") return;
      const added = tools.filter((tool) => kept.find(server, tool) === undefined);
      kept.keep(server, kept.fitting(server, added).map(pinOf));
    },
    check(server, tool) {
      const change = changeOf(server, tool);
      if (change !== undefined) throw notAccepted(change);
    },
    changed: (server, tools) => tools.flatMap((tool) => changeOf(server, tool) ?? []),
    accept(server, tools) {
      const accepted = tools.filter((tool) => changeOf(server, tool) !== undefined);
      kept.keep(server, accepted.map(pinOf));
      return accepted.map(({ name }) => name);
    },
  };
}

function pinned({ name, title, description, inputSchema, outputSchema, annotations }: Tool): PinnedTool {
  return { name, title, description, inputSchema, outputSchema, annotations };
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
    .filter((part) => canonicalJson(before?.[part] ?? null) !== canonicalJson(after[part] ?? null))
    .flatMap((part) => {
      const was = before?.[part];
      const is = after[part];
      return [`${part}:`, ...(was === undefined ? [] : [`- ${text(was)}`]), ...(is === undefined ? [] : [`+ ${text(is)}`])];
    });
  return withoutInvisible(lines.join("\n"));
}

function text(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : canonicalJson(value);
}
