import type { SessionEnv } from "../bindings.ts";
import type { Session } from "../objects/session.ts";

/** Everything that wrangler.toml binds: what a session uses, and the sessions themselves. */
export interface Env extends SessionEnv {
  SESSIONS: DurableObjectNamespace<Session>;
  /** Keeps what OAuth clients were granted. Bound only where OAuth is on. */
  OAUTH_KV?: KVNamespace;
}
