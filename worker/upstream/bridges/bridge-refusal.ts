import { UpstreamError } from "../../../core/errors.ts";
import type { Reachability } from "../../../core/mcp/upstream.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import type { BridgeState } from "./bridge-memory.ts";

export type Unreachable = Extract<Reachability, { status: "bridge_offline" | "unavailable" }>;

const howToStart = "npm start, or npm run bridge -- start --url <url>";

/** Why no bridge serves a server: its bridge is not connected, no bridge is, or those that are do not declare it. */
export function unreachableBecause(
  id: string,
  { connected, away }: { connected: readonly BridgeState[]; away: readonly BridgeState[] },
): Unreachable {
  if (away.length > 0) {
    const reason = `Its bridge, on ${machines(away, "or")}, is not connected. Start it there with: ${howToStart}`;
    return { status: "bridge_offline", reason };
  }
  if (connected.length === 0) {
    return { status: "bridge_offline", reason: `No bridge is connected. Start it with: ${howToStart}` };
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
