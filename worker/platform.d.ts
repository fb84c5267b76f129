import type { Env as WorkerEnv } from "./http/env.ts";

declare global {
  namespace Cloudflare {
    // The type of `env` in cloudflare:workers: what wrangler.toml binds.
    interface Env extends WorkerEnv {}
    // And of `exports`: what worker/index.ts exports.
    interface GlobalProps {
      mainModule: typeof import("./index.ts");
    }
  }
}
