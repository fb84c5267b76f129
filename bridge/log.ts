import type { ErrorCode } from "../core/errors.ts";
import type { ProblemPlace } from "../core/registry/problem-place.ts";
import type { RegistryProblem } from "../core/registry/registry.ts";
import type { BridgeServer } from "../core/tunnel/frames.ts";

/** What the bridge logs: names and numbers, never a secret and never a tool's arguments or result. */
export type LogEvent =
  | ({ event: "registry_problem"; severity: "problem" | "warning" } & RegistryProblem & ProblemPlace)
  | { event: "registry_mended"; problems: (RegistryProblem & ProblemPlace)[]; left: number }
  | { event: "registry_changed"; added: string[]; changed: string[]; removed: string[] }
  | { event: "registry_unwatched"; reason: string }
  | { event: "script_left_out"; path: string; reason: string }
  | { event: "server_status"; server: BridgeServer }
  | { event: "tunnel_connected"; url: string; servers: number }
  | { event: "tunnel_lost"; reason: string; retryMs: number }
  | { event: "tunnel_ended"; reason: string }
  | { event: "frame_ignored"; reason: string }
  | { event: "request_failed"; server: string; tool?: string | undefined; code: ErrorCode }
  | { event: "starting"; what: string }
  | { event: "server_ready"; server: string; tools: number }
  | { event: "plugin_token_not_kept"; reason: string }
  | { event: "server_unready"; server: string; status: string; reason: string | undefined }
  | { event: "process_restarted"; name: string; reason: string }
  | { event: "stopping" }
  | { event: "stopped" }
  | { event: "bug"; message: string };

export type Log = (event: LogEvent) => void;

/** Writes each event as one readable line. */
export function createLog(write: (text: string) => void): Log {
  return (event) => write(`${lineOf(event)}\n`);
}

function lineOf(event: LogEvent): string {
  switch (event.event) {
    case "registry_problem":
      return `registry  ${event.severity}: ${placeText(event)}: ${event.message}`;
    case "registry_mended":
      return `registry  mended: ${event.problems.map(placeText).join(", ")}; ${event.left === 0 ? "no problem is left" : `left: ${event.left}`}`;
    case "registry_changed":
      return `registry  changed: ${describeChange(event)}`;
    case "registry_unwatched":
      return `registry  cannot be watched for changes (${event.reason}); restart after changing it`;
    case "script_left_out":
      return `scripts   ${event.path} is left out: ${event.reason}`;
    case "server_status":
      return `server    ${event.server.id}: ${event.server.state}${event.server.reason === undefined ? "" : `: ${event.server.reason}`}`;
    case "tunnel_connected":
      return `tunnel    connected to ${event.url}, serving ${event.servers} stdio ${event.servers === 1 ? "server" : "servers"}`;
    case "tunnel_lost":
      return `tunnel    ${event.reason}; dialling again in ${event.retryMs} ms`;
    case "tunnel_ended":
      return `tunnel    ${event.reason}`;
    case "frame_ignored":
      return `tunnel    ignored a frame: ${event.reason}`;
    case "request_failed":
      return `call      ${event.server}${event.tool === undefined ? "" : `.${event.tool}`} failed: ${event.code}`;
    case "starting":
      return `starting  ${event.what}`;
    case "server_ready":
      return `ready     ${event.server}: ${event.tools} ${event.tools === 1 ? "tool" : "tools"}`;
    case "plugin_token_not_kept":
      return `token     cannot be kept for the Claude Code plugin (${event.reason}); set MCP_ORCHESTRATOR_TOKEN for it`;
    case "server_unready":
      return `${event.status === "unavailable" ? "failed  " : "waiting "}  ${event.server}: ${event.reason ?? event.status}`;
    case "process_restarted":
      return `restart   ${event.name} ${event.reason}`;
    case "stopping":
      return "stopping  servers, Worker and sandbox";
    case "stopped":
      return "stopped   all processes have ended";
    case "bug":
      return `bug       ${event.message}`;
  }
}

/** `servers[2].mcp.command (time, line 14)` */
function placeText({ path, server, line }: RegistryProblem & ProblemPlace): string {
  const more = [server, line === undefined ? undefined : `line ${line}`].filter((part) => part !== undefined);
  return more.length === 0 ? path : `${path} (${more.join(", ")})`;
}

function describeChange({ added, changed, removed }: { added: string[]; changed: string[]; removed: string[] }): string {
  const changes = [
    ...added.map((id) => `${id} added`),
    ...changed.map((id) => `${id} changed`),
    ...removed.map((id) => `${id} removed`),
  ];
  return changes.length === 0 ? "only its problems" : changes.join(", ");
}
