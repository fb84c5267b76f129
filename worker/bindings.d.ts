import type { Env as WorkerEnv } from "./http/env.ts";

declare global {
  namespace Cloudflare {
    // What `env` of cloudflare:workers holds: in this project, what wrangler.toml binds.
    interface Env extends WorkerEnv {}
    interface GlobalProps {
      mainModule: typeof import("./index.ts");
    }
  }
}
