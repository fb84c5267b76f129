import type { Tool } from "../mcp/tool.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { serverKey } from "../registry/server-key.ts";
import type { Store } from "../store.ts";
import { observationLimits } from "./observation-limits.ts";
import { isSmall, merge, Observed, observe, toSchema } from "./observed-types.ts";

/** Types of results that their servers do not declare, learnt from the calls that programs make. */
export interface Observations {
  /** Learns from the result of a successful call. Stops looking at a tool after `unchangedMax` results with nothing new. */
  record(server: ServerEntry, tool: Tool, value: unknown): void;
  /** The tools, each one without an output schema with the schema that was observed. */
  addTo(server: ServerEntry, tools: readonly Tool[]): Tool[];
}

export function createObservations(store: Store): Observations {
  /** By key of a server, and name of a tool. */
  const known = new Map<string, Map<string, Observed>>();
  /** By tool: how many results in a row had nothing new. */
  const unchanged = new Map<string, number>();

  /** All of a server's at once: it may have thousands of tools, but few of them were observed, and each look into the store counts. */
  function readAll(server: ServerEntry): Map<string, Observed> {
    const prefix = prefixOf(server);
    const before = known.get(prefix);
    if (before) return before;
    const all = new Map<string, Observed>();
    for (const key of store.keys(prefix)) {
      const { success, data } = Observed.safeParse(store.read(key));
      if (success) all.set(key.slice(prefix.length), data);
    }
    known.set(prefix, all);
    return all;
  }

  return {
    record(server, tool, value) {
      const key = keyOf(server, tool.name);
      const unchangedCount = unchanged.get(key) ?? 0;
      if (tool.outputSchema !== undefined || unchangedCount >= observationLimits.unchangedMax) return;
      unchanged.set(key, unchangedCount + 1);
      const all = readAll(server);
      const before = all.get(tool.name);
      if (before === undefined && all.size >= observationLimits.toolsMax) return;
      const seen = observe(value);
      const after = before ? merge(before, seen) : seen;
      if (!isSmall(after) || JSON.stringify(after) === JSON.stringify(before)) return;
      unchanged.set(key, 0);
      all.set(tool.name, after);
      store.write(key, after);
    },
    addTo(server, tools) {
      const all = readAll(server);
      return tools.map((tool) => {
        const observed = tool.outputSchema === undefined ? all.get(tool.name) : undefined;
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
