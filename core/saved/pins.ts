import { fingerprint } from "../json.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Pins } from "./definition.ts";

/** The tools of one server that a program mentions. */
export interface UsedTools {
  id: string;
  tools: readonly Tool[];
}

/** The servers of a session. */
export interface KnownServers {
  /** The tools of a server as far as they are known. Never connects. */
  knownTools(server: string): readonly Tool[] | undefined;
  /** Whether the session has the server, connected or not. */
  hasServer(server: string): boolean;
}

const known = new WeakMap<Tool, string>();

/** Changes with everything that decides whether a program fits a tool; not with its description. A tool that was listed never changes. */
function pinOf(tool: Tool): string {
  const pin = known.get(tool) ?? fingerprint([tool.inputSchema, tool.outputSchema ?? null]);
  known.set(tool, pin);
  return pin;
}

const named = new WeakMap<readonly Tool[], ReadonlyMap<string, Tool>>();

function byName(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  const map = named.get(tools) ?? new Map(tools.map((tool) => [tool.name, tool]));
  named.set(tools, map);
  return map;
}

/** @param unknown servers whose tools it was not checked against: each change of any of them counts, also that they become known */
export function pinsOf(used: readonly UsedTools[], unknown: readonly string[] = []): Pins {
  return Object.fromEntries([
    ...used.map(({ id, tools }) => [id, Object.fromEntries(tools.map((tool) => [tool.name, pinOf(tool)]))]),
    ...unknown.map((id) => [id, { [wholeServer]: "unknown" }]),
  ]);
}

/** No tool has this name. */
const wholeServer = "";

/**
 * Undefined if the tools are those that the program was checked against. Otherwise a text that is the same as long as they do not change
 * again. A server whose tools are not known is not looked at, unless it is gone.
 */
export function driftOf(pins: Pins, servers: KnownServers): string | undefined {
  const changed = Object.entries(pins).flatMap(([server, pinned]) => {
    if (!servers.hasServer(server)) return [`${server}/gone`];
    const tools = servers.knownTools(server);
    if (tools === undefined) return [];
    const now = byName(tools);
    return Object.entries(pinned).flatMap(([name, pin]) => {
      const tool = now.get(name);
      const current = name === wholeServer ? fingerprint(tools.map(pinOf)) : tool ? pinOf(tool) : "gone";
      return current === pin ? [] : [`${server}/${name}/${current}`];
    });
  });
  return changed.length === 0 ? undefined : changed.sort().join(" ");
}
