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
  const known = new Map<string, Observed | undefined>();
  /** By tool: how many results in a row had nothing new. */
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
      const unchangedCount = unchanged.get(key) ?? 0;
      if (tool.outputSchema !== undefined || unchangedCount >= observationLimits.unchangedMax) return;
      unchanged.set(key, unchangedCount + 1);
      const before = read(key);
      if (before === undefined && store.keys(prefixOf(server)).length >= observationLimits.toolsMax) return;
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
