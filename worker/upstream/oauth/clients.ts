import type { Clock } from "../../../core/clock.ts";
import { type Environment, interpolate } from "../../../core/registry/interpolation.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { clientKey } from "./keys.ts";
import { type Client, Registration } from "./records.ts";
import type { Vault } from "./vault.ts";

/** The OAuth client that the registry entry configures, with its `${env:NAME}` references resolved. */
export function configuredClient({ oauth }: ServerEntry, environment: Environment): Client | undefined {
  if (oauth === undefined) return undefined;
  const filled = (text: string) => interpolate(text, environment).value;
  return {
    client_id: filled(oauth.clientId),
    ...(oauth.clientSecret === undefined ? {} : { client_secret: filled(oauth.clientSecret) }),
    ...(oauth.issuer === undefined ? {} : { issuer: oauth.issuer }),
  };
}

/** The names of referenced secrets that are not set. */
export function missingOfClient({ oauth }: ServerEntry, environment: Environment): string[] {
  return [oauth?.clientId ?? "", oauth?.clientSecret ?? ""].flatMap((text) => interpolate(text, environment).missing);
}

interface RegistrationOptions {
  server: ServerEntry;
  redirectUri: string;
  vault: Vault;
  clock: Clock;
}

/**
 * The client that was registered for an entry; undefined when a new one has to be registered. That includes a client whose last
 * login was never completed: the authorization server may have forgotten it, and would say so only on its page in the browser.
 */
export function registeredClient({ server, redirectUri, vault, clock }: RegistrationOptions): Client | undefined {
  const known = vault.read(clientKey(server.id), Registration);
  if (known === undefined || !known.isProven || known.redirectUri !== redirectUri) return undefined;
  const expiresAt = known.client.client_secret_expires_at ?? 0;
  return expiresAt === 0 || clock.now() < expiresAt * 1_000 ? known.client : undefined;
}
