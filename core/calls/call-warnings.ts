import type { Tool } from "../mcp/tool.ts";
import { type CallToolResult, unseenIn } from "../mcp/tool-result.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import { nearMisses } from "./near-miss.ts";
import type { RunNotifications } from "./progress.ts";

interface Called {
  server: string;
  tool: Tool;
}

/** What a program should know of a call and its value does not say. Each is a line in the run's log, once, however often the call is made. */
export function createCallWarnings(notifications: RunNotifications) {
  const told = new Set<string>();
  function tell(level: "info" | "warn", message: string, { server, tool }: Called): void {
    if (told.has(message)) return;
    told.add(message);
    notifications.listen(server, tool.name).onLog?.({ level, message });
  }
  return {
    ofArguments(args: Readonly<Record<string, unknown>>, called: Called): void {
      for (const { sent, meant } of nearMisses(called.tool, args)) {
        tell(
          "warn",
          `${called.tool.name} was called with "${sent}", which it does not declare. Did you mean "${meant}"?`,
          called,
        );
      }
    },
    ofResult(result: CallToolResult, called: Called): void {
      const [type] = unseenIn(result);
      if (type === undefined) return;
      const call = `${toIdentifier(called.server)}.$raw(${JSON.stringify(called.tool.name)}, args)`;
      tell("info", `${called.tool.name} also returned content of type ${type}, which only ${call} shows.`, called);
    },
  };
}
