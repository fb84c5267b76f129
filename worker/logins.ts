import type { Clock } from "../core/clock.ts";
import type { Store } from "../core/store.ts";
import { type Env, environmentOf, isLocal, oauthKeyOf } from "./env.ts";
import { createLoginLinks } from "./login-links.ts";
import { createSeal } from "./seal.ts";
import { Logins } from "./upstream/oauth/logins.ts";
import { Vault } from "./upstream/oauth/vault.ts";

export interface SessionLoginsOptions {
  /** The session object's name. */
  session: string;
  store: Store;
  clock: Clock;
  /** Under which this orchestrator was last called, such as https://mcp.example.com. */
  origin: () => string | undefined;
}

/** The logins of one session, on what the environment gives. */
export function createLogins(env: Env, { session, store, clock, origin }: SessionLoginsOptions): Logins {
  const key = oauthKeyOf(env);
  const seal = key === undefined ? undefined : createSeal(key);
  const links = seal && createLoginLinks({ seal, now: clock.now });
  const at = (path: string) => `${origin() ?? ""}${path}`;
  return new Logins({
    vault: seal && new Vault({ store, seal, session }),
    addresses: {
      link: (ticket) => at(`/oauth/login?ticket=${links?.ticketText({ session, ...ticket })}`),
      state: (attempt) => links?.stateText({ session, attempt }) ?? "",
      redirectUri: () => (origin() === undefined ? undefined : at("/oauth/callback")),
      clientMetadataUrl: () => (origin()?.startsWith("https:") ? at("/oauth/client.json") : undefined),
    },
    environment: environmentOf(env),
    reachesInside: isLocal(env),
    clock,
    newId: () => crypto.randomUUID(),
  });
}
