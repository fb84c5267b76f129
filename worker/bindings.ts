import type { Compiler } from "./sandbox/compiler/compiler-entrypoint.ts";
import type { Sandbox } from "./sandbox/entrypoint.ts";
import type { Variables } from "./settings.ts";

/** The bindings and variables of wrangler.toml that a session uses. */
export interface SessionEnv extends Variables {
  /** Reads programs. */
  COMPILER: Service<typeof Compiler>;
  /** Loads the isolates that run programs. Absent under `npm start`, where the sandbox processes load them. */
  LOADER?: WorkerLoader;
  /** Two processes that run the programs under `npm start`. The second starts when a program blocks the first. */
  SANDBOX?: Service<typeof Sandbox>;
  SANDBOX_SPARE?: Service<typeof Sandbox>;
  /** Starts, watches and replaces those processes: see bridge/sandbox/control-server.ts. */
  SANDBOX_HOST?: Fetcher;
}

/** Whether this is `npm start`: Worker, bridge and secrets belong to one user on one machine. */
export function isLocal(env: SessionEnv): boolean {
  return env.SANDBOX_HOST !== undefined;
}
