import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { isLoopback } from "../../core/loopback.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import { stateFolder } from "../registry/local-bridge.ts";

/** The tokens that the orchestrator of the last `npm start` on a port takes. */
interface LocalTokens {
  /** Undefined where it asks for none. */
  authToken: string | undefined;
  bridgeToken: string;
}

interface Place {
  projectRoot: string;
  environment: Environment;
}

/** Writes the tokens down for the project's own commands, readable by this user alone. */
export async function writeTokens({ projectRoot }: Place, port: number, { authToken, bridgeToken }: LocalTokens): Promise<void> {
  const lines = Object.entries({ AUTH_TOKEN: authToken, BRIDGE_TOKEN: bridgeToken }).filter(([, value]) => value !== undefined);
  await writePrivately(tokensPath(projectRoot, port), lines.map(([name, value]) => `${name}='${value}'\n`).join(""));
}

/** Writes the clients' token where the Claude Code plugin finds it, which does not know where the project is. */
export async function writePluginToken({ environment }: Place, port: number, authToken: string | undefined): Promise<void> {
  const path = pluginTokenPath(environment, port);
  if (authToken === undefined) await rm(path, { force: true });
  else await writePrivately(path, `${authToken}\n`);
}

/** The clients' token for the orchestrator at this address. Undefined for one on another machine. */
export async function readAuthToken({ projectRoot }: Place, url: URL): Promise<string | undefined> {
  if (!isLoopback(url.hostname)) return undefined;
  const port = url.port || (url.protocol === "https:" ? 443 : 80);
  const tokens = parseEnv(await readFile(tokensPath(projectRoot, Number(port)), "utf8").catch(emptyIfMissing));
  return tokens.AUTH_TOKEN || undefined;
}

function tokensPath(projectRoot: string, port: number): string {
  return join(stateFolder(projectRoot, port), "tokens.env");
}

/** Read by .claude-plugin/headers.mjs. */
function pluginTokenPath(environment: Environment, port: number): string {
  const state = environment("XDG_STATE_HOME") || join(environment("HOME") || homedir(), ".local", "state");
  return join(state, "mcp-dynamic-orchestrator", `${port}.token`);
}

/** Removed first, because the mode is only set on a new file. */
async function writePrivately(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600 });
}

function emptyIfMissing(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
  throw error;
}
