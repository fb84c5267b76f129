import type { Clock } from "../../../core/clock.ts";
import type { Environment } from "../../../core/registry/interpolation.ts";
import type { Store } from "../../../core/store.ts";
import { createLoginLinks } from "./login-links.ts";
import { Logins } from "./logins.ts";
import { createSeal } from "./seal.ts";
import { Vault } from "./vault.ts";

export interface SessionLoginsOptions {
  /** The session object's name. */
  session: string;
  /** Encrypts what is kept of logins; without it nobody logs in. */
  key: string | undefined;
  environment: Environment;
  /** Authorization servers on loopback and in private networks may be called. */
  reachesInside: boolean;
  store: Store;
  clock: Clock;
  /** Under which this orchestrator was last called, such as https://mcp.example.com. */
  origin: () => string | undefined;
}

/** The logins of one session, on what the environment gives. */
export function createLogins({ session, key, environment, reachesInside, store, clock, origin }: SessionLoginsOptions): Logins {
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
    environment,
    reachesInside,
    clock,
    newId: () => crypto.randomUUID(),
  });
}
