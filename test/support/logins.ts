import { randomUUID } from "node:crypto";
import type { Environment } from "../../core/registry/interpolation.ts";
import type { ServerEntry } from "../../core/registry/registry.ts";
import type { Store } from "../../core/store.ts";
import { systemClock } from "../../worker/clock.ts";
import { createLoginLinks, type LoginLinks } from "../../worker/upstream/oauth/login-links.ts";
import { type LoginBegun, type LoginFinished, Logins } from "../../worker/upstream/oauth/logins.ts";
import { createSeal } from "../../worker/upstream/oauth/seal.ts";
import type { ServerLogin } from "../../worker/upstream/oauth/server-login.ts";
import { Vault } from "../../worker/upstream/oauth/vault.ts";
import { SessionUpstream } from "../../worker/upstream/upstream.ts";
import { FakeUpstream, ManualClock, memoryStore } from "./fakes.ts";

/** For servers without a login. */
export function loginOf(server: ServerEntry, environment: Environment = () => undefined): ServerLogin {
  return new Logins({
    vault: undefined,
    addresses: { link: () => "", state: () => "", redirectUri: () => undefined, clientMetadataUrl: () => undefined },
    environment,
    reachesInside: true,
    clock: systemClock,
    newId: randomUUID,
  }).of(server);
}

export interface LoginsOptions {
  clock?: ManualClock;
  store?: Store;
  key?: string;
  session?: string;
  /** The orchestrator's own origin. */
  origin?: string;
  environment?: Environment;
  reachesInside?: boolean;
}

/** A session in Node that can log in to servers, with a simulated browser. */
export interface LoginSession {
  logins: Logins;
  links: LoginLinks;
  clock: ManualClock;
  store: Store;
  servers: SessionUpstream;
  /** Opens a login link in the browser. */
  open(link: string, server: ServerEntry): Promise<LoginBegun>;
  /** Follows the redirect to the authorization server and back to the callback. */
  follow(begun: LoginBegun, server: ServerEntry): Promise<LoginFinished>;
  /** The complete login, starting with the URL in the server's status. */
  logIn(server: ServerEntry): Promise<LoginFinished>;
}

export function startLogins(options: LoginsOptions = {}): LoginSession {
  const { clock = new ManualClock(Date.now()), store = memoryStore(), key = "k".repeat(32), session = "owner/default" } = options;
  const { origin = "http://127.0.0.1:1", environment = () => undefined, reachesInside = true } = options;
  const seal = createSeal(key);
  const links = createLoginLinks({ seal, now: clock.now });
  const logins = new Logins({
    vault: new Vault({ store, seal, session }),
    addresses: {
      link: (ticket) => `${origin}/oauth/login?ticket=${links.ticketText({ session, ...ticket })}`,
      state: (attempt) => links.stateText({ session, attempt }),
      redirectUri: () => `${origin}/oauth/callback`,
      clientMetadataUrl: () => (origin.startsWith("https:") ? `${origin}/oauth/client.json` : undefined),
    },
    environment,
    reachesInside,
    clock,
    newId: randomUUID,
  });
  const servers = new SessionUpstream({
    tunnel: new FakeUpstream(),
    environment,
    reachesInside,
    clock: systemClock,
    store: memoryStore(),
    loginOf: (server) => logins.of(server),
    onToolsChanged: () => {},
  });
  const self: LoginSession = {
    logins,
    links,
    clock,
    store,
    servers,
    async open(link, server) {
      const ticket = links.readTicket(new URL(link).searchParams.get("ticket") ?? "");
      return ticket === undefined ? { kind: "failed", message: "no ticket" } : logins.begin(server, ticket);
    },
    async follow(begun, server) {
      if (begun.kind !== "go") return begun;
      const response = await fetch(begun.url, { redirect: "manual" });
      await response.body?.cancel();
      const back = new URL(response.headers.get("location") ?? "about:blank");
      const of = (name: string) => back.searchParams.get(name) ?? undefined;
      const state = links.readState(of("state") ?? "");
      if (state === undefined) return { kind: "failed", message: `no state, and HTTP ${response.status}` };
      const returned = { code: of("code"), error: of("error"), errorDescription: of("error_description"), iss: of("iss") };
      return logins.finish(state.attempt, { ...returned, servers: [server] });
    },
    async logIn(server) {
      return self.follow(await self.open(linkTo(self, server), server), server);
    },
  };
  return self;
}

/** The login URL in a server's status. */
export function linkTo({ logins }: LoginSession, server: ServerEntry): string {
  const standing = logins.of(server).standing();
  if (standing?.status === "auth_required") return standing.url;
  throw new Error(`${server.id} requires no login: ${JSON.stringify(standing)}`);
}
