/*
 * Prints the HTTP headers with which Claude Code calls the orchestrator on this machine, as JSON: the token that the last `npm start`
 * on the port has left in the user's state folder (see bridge/local/tokens.ts). They replace those of plugin.json, which stand for an
 * orchestrator elsewhere: MCP_ORCHESTRATOR_TOKEN is not passed on to this program.
 */

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const { CLAUDE_CODE_MCP_SERVER_URL = "", XDG_STATE_HOME } = process.env;
const token = localToken(CLAUDE_CODE_MCP_SERVER_URL, XDG_STATE_HOME || join(homedir(), ".local", "state"));
process.stdout.write(JSON.stringify(token ? { Authorization: `Bearer ${token}` } : {}));

/** Undefined for an orchestrator on another machine, which must not get it. */
function localToken(address, stateFolder) {
  if (!URL.canParse(address)) return undefined;
  const { hostname, protocol, port } = new URL(address);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(hostname)) return undefined;
  try {
    const name = `${port || (protocol === "https:" ? 443 : 80)}.token`;
    return readFileSync(join(stateFolder, "mcp-dynamic-orchestrator", name), "utf8").trim();
  } catch {
    // npm start has not run on this port, or asks for no token.
    return undefined;
  }
}
