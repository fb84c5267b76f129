import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { isLoopback } from "../../core/loopback.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import { homeOf, type Place, userState } from "../home.ts";

/** What this user's other commands need of the last `npm start` on a port. */
const StartRecord = z.object({
  /** What clients must send. Absent where it asks for none. */
  authToken: z.string().exactOptional(),
  /** What a further bridge must send; another one at each start. */
  bridgeToken: z.string(),
  /** Path of the registry file. */
  registry: z.string(),
});
export type StartRecord = z.infer<typeof StartRecord>;

/** The state, logs and generated configuration of `npm start` on this port. */
export function stateFolder(place: Place, port: number): string {
  return join(homeOf(place).state, String(port));
}

/** Writes it down for the project's own commands, readable by this user alone. */
export async function writeStartRecord(place: Place, port: number, record: StartRecord): Promise<void> {
  await writePrivately(recordPath(place, port), JSON.stringify(record));
}

/** Whoever looks for it is to find nothing that is about to end. */
export async function removeStartRecord(place: Place, port: number): Promise<void> {
  await rm(recordPath(place, port), { force: true });
}

/** Undefined for an address of another machine, and where `npm start` has not run on that port. */
export async function readStartRecord(place: Place, url: URL): Promise<StartRecord | undefined> {
  if (!isLoopback(url.hostname)) return undefined;
  const port = Number(url.port || (/^(?:https|wss):$/.test(url.protocol) ? 443 : 80));
  try {
    return StartRecord.safeParse(JSON.parse(await readFile(recordPath(place, port), "utf8"))).data;
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

function recordPath(place: Place, port: number): string {
  return join(stateFolder(place, port), "start.json");
}

/** Read by skills/.claude-plugin/headers.mjs. */
function pluginTokenPath(environment: Environment, port: number): string {
  return join(userState(environment), `${port}.token`);
}

/** Removed first, because the mode is only set on a new file. */
async function writePrivately(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600 });
}
