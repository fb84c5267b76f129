import { isMisspelling } from "../closest.ts";
import type { Tool } from "../mcp/tool.ts";
import type { RunNotifications } from "./progress.ts";

/** Arguments and declared parameters that are compared: a schema or a call with more is data, not names that somebody typed. */
const comparedMax = 100;

interface NearMiss {
  sent: string;
  meant: string;
}

/** Writes a line into a run's log for each near miss, once in the run, however often the call is made. */
export function createNearMissWarnings(notifications: RunNotifications) {
  const warned = new Set<string>();
  return (args: Readonly<Record<string, unknown>>, { server, tool }: { server: string; tool: Tool }): void => {
    for (const { sent, meant } of nearMisses(tool, args)) {
      const message = `${tool.name} was called with "${sent}", which it does not declare. Did you mean "${meant}"?`;
      if (warned.has(message)) continue;
      warned.add(message);
      notifications.listen(server, tool.name).onLog?.({ level: "warn", message });
    }
  };
}

/**
 * The arguments that a tool does not declare, and that must be misspellings of parameters that the call leaves out. A tool with an open
 * schema accepts them and does something else than was wanted.
 */
export function nearMisses({ inputSchema }: Pick<Tool, "inputSchema">, args: Readonly<Record<string, unknown>>): NearMiss[] {
  const properties: unknown = inputSchema.properties;
  if (typeof properties !== "object" || properties === null) return [];
  const absent = Object.keys(properties)
    .filter((name) => !Object.hasOwn(args, name))
    .slice(0, comparedMax);
  return Object.keys(args)
    .slice(0, comparedMax)
    .filter((sent) => !Object.hasOwn(properties, sent) && sent.length <= comparedMax)
    .flatMap((sent) => {
      const meant = absent.find((name) => isMisspelling(sent, [name]));
      return meant === undefined ? [] : [{ sent, meant }];
    });
}
