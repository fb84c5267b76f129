import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isLoopback } from "../../core/loopback.ts";

/**
 * What a further bridge on this machine needs, for another session of the orchestrator that `npm start` runs: the token, which is
 * another one at each start, and the registry file that it was given.
 */
const LocalBridge = z.object({ token: z.string(), registry: z.string() });
type LocalBridge = z.infer<typeof LocalBridge>;

/** The state, logs and generated configuration of `npm start` on this port. */
export function stateFolder(projectRoot: string, port: number): string {
  return join(projectRoot, ".wrangler", "local", String(port));
}

/** Readable by the owner alone. */
export async function keepLocalBridge(folder: string, bridge: LocalBridge): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "bridge.json"), JSON.stringify(bridge), { mode: 0o600 });
}

/** Undefined for an address of another machine, and where `npm start` has not run on that port. */
export async function findLocalBridge(projectRoot: string, { hostname, port }: URL): Promise<LocalBridge | undefined> {
  if (!isLoopback(hostname)) return undefined;
  try {
    const text = await readFile(join(stateFolder(projectRoot, Number(port)), "bridge.json"), "utf8");
    return LocalBridge.safeParse(JSON.parse(text)).data;
  } catch {
    // Without it the Worker refuses the bridge, and says which token it wants.
    return undefined;
  }
}
