import { limits } from "../limits.ts";
import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { serverKey } from "../registry/server-key.ts";
import type { Store } from "../store.ts";
import { isSmall, merge, Observed, observe, toSchema } from "./observed-types.ts";

/** What a session learns of results whose types their servers do not declare, from calls that programs made anyway. */
export interface Observations {
  /** Looks at the result of a call that succeeded. Once nothing new was seen for a while, it looks no more. */
  record(server: ServerEntry, tool: Tool, value: unknown): void;
  /** The tools, with what was seen of those that declare no output. */
  addTo(server: ServerEntry, tools: readonly Tool[]): Tool[];
}

export function createObservations(store: Store): Observations {
  const known = new Map<string, Observed | undefined>();
  /** How many results in a row were nothing new. */
  const unchanged = new Map<string, number>();

  function read(key: string): Observed | undefined {
    if (!known.has(key)) {
      const stored = Observed.safeParse(store.read(key));
      known.set(key, stored.success ? stored.data : undefined);
    }
    return known.get(key);
  }

  return {
    record(server, tool, value) {
      const key = keyOf(server, tool.name);
      const rest = unchanged.get(key) ?? 0;
      if (tool.outputSchema !== undefined || rest >= limits.observedUnchangedMax) return;
      unchanged.set(key, rest + 1);
      const before = read(key);
      if (before === undefined && store.keys(prefixOf(server)).length >= limits.observedToolsMax) return;
      const seen = observe(value);
      const after = before ? merge(before, seen) : seen;
      if (!isSmall(after) || JSON.stringify(after) === JSON.stringify(before)) return;
      unchanged.set(key, 0);
      known.set(key, after);
      store.write(key, after);
    },
    addTo(server, tools) {
      return tools.map((tool) => {
        const observed = tool.outputSchema === undefined ? read(keyOf(server, tool.name)) : undefined;
        return observed ? { ...tool, observedSchema: toSchema(observed) } : tool;
      });
    },
  };
}

function prefixOf(server: ServerEntry): string {
  return `${serverKey("observed", server)}/`;
}

function keyOf(server: ServerEntry, tool: string): string {
  return `${prefixOf(server)}${tool}`;
}
