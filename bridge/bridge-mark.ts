import { OrchestratorError } from "../core/errors.ts";
import type { Environment } from "../core/registry/interpolation.ts";

/** Environment variable of every server that a bridge starts. A bridge that finds it set was itself started as a server. */
export const bridgeMark = "MCP_ORCHESTRATOR_BRIDGE";

/** @throws OrchestratorError `invalid_input` in a bridge that a bridge has started */
export function refuseInsideBridge(environment: Environment): void {
  const parent = environment(bridgeMark);
  if (parent === undefined || parent === "") return;
  throw new OrchestratorError(
    "invalid_input",
    `This was started as an MCP server by the bridge with process id ${parent}, and would start itself without end. Remove the entry from the registry; if you mean it, unset ${bridgeMark} first.`,
  );
}
