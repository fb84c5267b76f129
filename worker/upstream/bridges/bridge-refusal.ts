import { UpstreamError } from "../../../core/errors.ts";
import type { Reachability } from "../../../core/mcp/upstream.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import type { BridgeState } from "./bridge-memory.ts";

export type Unreachable = Extract<Reachability, { status: "bridge_offline" | "unavailable" }>;

/** The session that a bridge is missing in. */
export interface BridgedSession {
  /** Undefined for the default session, which the bridge of `npm start` serves. */
  name: string | undefined;
  /** Where this orchestrator was last called, if that is known. */
  origin: string | undefined;
}

/** What to type on the machine of the servers. */
function howToStart({ name, origin }: BridgedSession): string {
  const command = `npm run bridge -- start --url ${origin ?? "<url>"}`;
  return name === undefined ? `npm start, or ${command}` : `${command} --session ${name}`;
}

/** Why no bridge serves a server: its bridge is not connected, no bridge is, or those that are do not declare it. */
export function unreachableBecause(
  id: string,
  { connected, away, session }: { connected: readonly BridgeState[]; away: readonly BridgeState[]; session: BridgedSession },
): Unreachable {
  if (away.length > 0) {
    const reason = `Its bridge, on ${machines(away, "or")}, is not connected. Start it there with: ${howToStart(session)}`;
    return { status: "bridge_offline", reason };
  }
  if (connected.length === 0) {
    const where = session.name === undefined ? "No bridge is connected." : `No bridge serves the session "${session.name}".`;
    return { status: "bridge_offline", reason: `${where} Start it with: ${howToStart(session)}` };
  }
  const [noun, verb] = connected.length === 1 ? ["bridge", "does"] : ["bridges", "do"];
  const reason = `The ${noun} on ${machines(connected, "and")} ${verb} not declare "${id}" in its registry file.`;
  return { status: "unavailable", reason };
}

export function refused({ id }: ServerEntry, { status, reason }: Unreachable): UpstreamError {
  const code = status === "bridge_offline" ? "bridge_offline" : "server_unavailable";
  return new UpstreamError(code, `${id} cannot be reached. ${reason}`, { delivery: "not_sent", server: id });
}

function machines(bridges: readonly BridgeState[], last: "and" | "or"): string {
  const names = [...new Set(bridges.map(({ bridge }) => bridge))];
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}`;
}
