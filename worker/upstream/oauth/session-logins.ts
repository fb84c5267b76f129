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
  /** Encrypts the stored logins. Without it, logins are switched off. */
  key: string | undefined;
  environment: Environment;
  /** Whether authorization servers on loopback and in private networks may be called. */
  reachesInside: boolean;
  store: Store;
  clock: Clock;
  /** The origin that the last caller used for this orchestrator, such as https://mcp.example.com. */
  origin: () => string | undefined;
}

/** The logins of one session. */
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
