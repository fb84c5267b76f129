import { rm } from "node:fs/promises";
import { removeStartRecord, stateFolder, writePluginToken } from "../local/start-record.ts";
import { whenUnused } from "../local/users.ts";
import type { CommandOption, World } from "./command.ts";

/** For the stack that `mcp-bridge stdio` starts. `once`: nobody will find it again, so it leaves no state. */
export const whileUsedOption: CommandOption = {
  flags: "--while-used [once]",
  description: "end with the last mcp-bridge stdio that uses it",
};

/** The world of a stack that ends when nobody uses it. Disposed first of all when it ends, so that nobody finds it any more. */
export function whileUsed(world: World, port: number, mode: string | boolean | undefined): { world: World } & AsyncDisposable {
  if (mode === undefined || mode === false) return { world, [Symbol.asyncDispose]: async () => {} };
  const unused = new AbortController();
  const watch = whenUnused(stateFolder(world, port), () => unused.abort());
  return {
    world: { ...world, signal: AbortSignal.any([world.signal, unused.signal]) },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await removeStartRecord(world, port);
      if (mode === "once") await writePluginToken(world, port, undefined);
    },
  };
}

/** After the end. */
export async function leaveNothing(world: World, port: number, mode: string | boolean | undefined): Promise<void> {
  if (mode === "once") await rm(stateFolder(world, port), { recursive: true, force: true, maxRetries: 3 });
}
