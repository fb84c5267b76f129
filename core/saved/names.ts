import { named } from "../closest.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import { reservedIds } from "../registry/registry.ts";
import { savedNamePattern } from "./definition.ts";

/** Names of the orchestrator's own tools, here and as other servers of this kind call them. */
const ownNames = [
  ...["list_mcp_capabilities", "describe_mcp", "execute_mcp_code", "call_mcp_tool", "mcp_clients"],
  ...["tool_create", "tool_update", "tool_delete", "tool_list", "tool_get", "tool_enable", "tool_history", "tool_rollback"],
  ...["run_js_ephemeral", "run_js", "initialize", "exec", "stop", "session_list", "health", "guard_metrics", "runtime_config"],
  ...["search_memory", "forget_search_memory"],
];

/** Why a saved program cannot have this name; undefined if it can. `others` are the names that exist. */
export function whyNotNamed(name: string, others: Iterable<string>): string | undefined {
  if (!savedNamePattern.test(name)) {
    return `"${named(name)}" is no name for a saved program: 3 to 64 letters, digits and . _ : -, starting with a letter.`;
  }
  const identifier = toIdentifier(name);
  const [first = ""] = name.split(/[._:-]/);
  const isReserved =
    ownNames.includes(identifier) || reservedIds.some((id) => id === name.toLowerCase() || id === first.toLowerCase());
  if (isReserved) return `"${name}" is reserved for the orchestrator's own tools. Choose another name.`;
  for (const other of others) {
    if (other !== name && toIdentifier(other) === identifier) {
      return `"${name}" is the same name in code as "${other}", which exists: ${identifier}. Choose another name.`;
    }
  }
  return undefined;
}
