import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { isLoopback } from "../../core/loopback.ts";
import type { Environment } from "../../core/registry/interpolation.ts";

/** What this user's other commands need of the last `npm start` on a port. */
const StartRecord = z.object({
  /** What clients must send. Absent where it asks for none. */
  authToken: z.string().exactOptional(),
  /** What a further bridge must send; another one at each start. */
  bridgeToken: z.string(),
  /** Path of the registry file. */
  registry: z.string(),
});
type StartRecord = z.infer<typeof StartRecord>;

interface Place {
  projectRoot: string;
  environment: Environment;
}

/** The state, logs and generated configuration of `npm start` on this port. */
export function stateFolder(projectRoot: string, port: number): string {
  return join(projectRoot, ".wrangler", "local", String(port));
}

/** Writes it down for the project's own commands, readable by this user alone. */
export async function writeStartRecord({ projectRoot }: Place, port: number, record: StartRecord): Promise<void> {
  await writePrivately(recordPath(projectRoot, port), JSON.stringify(record));
}

/** Undefined for an address of another machine, and where `npm start` has not run on that port. */
export async function readStartRecord({ projectRoot }: Place, url: URL): Promise<StartRecord | undefined> {
  if (!isLoopback(url.hostname)) return undefined;
  const port = Number(url.port || (/^(?:https|wss):$/.test(url.protocol) ? 443 : 80));
  try {
    return StartRecord.safeParse(JSON.parse(await readFile(recordPath(projectRoot, port), "utf8"))).data;
  } catch {
    // Without it the Worker refuses the caller, and says which token it wants.
    return undefined;
  }
}

/** Writes the clients' token where the Claude Code plugin finds it, which does not know where the project is. */
export async function writePluginToken({ environment }: Place, port: number, authToken: string | undefined): Promise<void> {
  const path = pluginTokenPath(environment, port);
  if (authToken === undefined) await rm(path, { force: true });
  else await writePrivately(path, `${authToken}\n`);
}

function recordPath(projectRoot: string, port: number): string {
  return join(stateFolder(projectRoot, port), "start.json");
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
