import type { SessionEnv } from "../bindings.ts";
import type { Session } from "../objects/session.ts";

/** Everything that wrangler.toml binds: what a session uses, and the sessions themselves. */
export interface Env extends SessionEnv {
  SESSIONS: DurableObjectNamespace<Session>;
}
