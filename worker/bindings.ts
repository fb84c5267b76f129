import type { Compiler } from "./sandbox/compiler/compiler-entrypoint.ts";
import type { Sandbox } from "./sandbox/entrypoint.ts";
import type { Variables } from "./settings.ts";

/** Bindings and variables that a session uses, as wrangler.toml declares them. */
export interface SessionEnv extends Variables {
  /** Where programs are type-checked. */
  COMPILER: Service<typeof Compiler>;
  /** Loads the isolates in which programs run. Not under `npm start`, where that is done in other processes. */
  LOADER?: WorkerLoader;
  /** Two processes where programs run instead, the second for while one in the first spins. Only under `npm start`. */
  SANDBOX?: Service<typeof Sandbox>;
  SANDBOX_SPARE?: Service<typeof Sandbox>;
}
