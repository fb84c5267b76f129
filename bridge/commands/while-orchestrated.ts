import { isPortTaken } from "../local/free-port.ts";
import { localUrl } from "../local/local-url.ts";
import type { World } from "./command.ts";
import { local } from "./local.ts";

/**
 * Does work that needs an orchestrator on this machine. If none runs at its address, one is started for this work and stopped after it;
 * it says nothing, so that standard output is that of the work.
 */
export async function whileOrchestrated<T>(
  world: World,
  { url, registry }: { url: string | undefined; registry: string | undefined },
  work: () => Promise<T>,
): Promise<T> {
  if (url !== undefined || (await isPortTaken(Number(new URL(localUrl(world.environment)).port)))) return await work();
  world.writeStderr("Starting an orchestrator for this run.\n");
  const end = new AbortController();
  const stop = () => end.abort();
  world.signal.addEventListener("abort", stop, { once: true });
  const { promise: isReady, resolve: ready } = Promise.withResolvers<void>();
  // The last thing that it prints is how to reach it.
  const quiet: World = { ...world, signal: end.signal, print: () => ready(), log: () => {} };
  const running = local.run({ args: [], options: registry === undefined ? {} : { registry }, world: quiet });
  try {
    await Promise.race([isReady, running]);
    return await work();
  } finally {
    stop();
    world.signal.removeEventListener("abort", stop);
    await running.catch(() => undefined);
  }
}
