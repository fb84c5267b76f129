import { computeScopeUnion, extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import type { Clock } from "../../../core/clock.ts";
import { UpstreamError } from "../../../core/errors.ts";
import type { Environment } from "../../../core/registry/interpolation.ts";
import type { Secret } from "../../../core/registry/redaction.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import type { Fetch } from "../../../core/remote/fetch.ts";
import { oauthKeyMessage } from "../../../core/run/login-urls.ts";
import { mayNameInside, readRemoteEntry } from "../remote/entry.ts";
import { refusalOf } from "../remote/transport/address.ts";
import { createCheckedFetch } from "../remote/transport/checked-fetch.ts";
import { createAuthorisedFetch } from "./authorised-fetch.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { challengeOf } from "./challenge.ts";
import { configuredClient, missingOfClient, registeredClient } from "./clients.ts";
import { LoginFailure } from "./failure.ts";
import { attemptKey, clientKey } from "./keys.ts";
import { beginLogin, finishLogin, type LoginReturn } from "./protocol.ts";
import type { Attempt, Registration } from "./records.ts";
import { Tokens } from "./tokens.ts";
import type { Vault } from "./vault.ts";

/** Permission to log in to a server, as carried by a login link. */
export interface LoginTicket {
  server: string;
  /** The id of the login to replace. */
  replaces?: string | undefined;
  /** Scopes that the server requires in addition to those of the registry entry. */
  scope?: string | undefined;
}

/** URLs and OAuth state of this orchestrator. */
export interface LoginAddresses {
  /** The URL that a person opens to log in. */
  link(ticket: LoginTicket): string;
  /** The OAuth `state`, which the browser brings back unchanged. */
  state(attempt: string): string;
  /** Undefined until the first request, whose URL tells the origin of this orchestrator. */
  redirectUri(): string | undefined;
  /** Undefined where authorization servers cannot fetch it. */
  clientMetadataUrl(): string | undefined;
}

export interface LoginParts {
  /** Undefined without OAUTH_KEY: then logins are switched off. */
  vault: Vault | undefined;
  addresses: LoginAddresses;
  environment: Environment;
  /** Whether the registry may name addresses on this machine and in its network. */
  reachesInside: boolean;
  clock: Clock;
  newId: () => string;
}

type Standing = { status: "auth_required"; url: string } | { status: "unavailable"; reason: string };

/** The login of one remote server. */
export class ServerLogin {
  readonly #server: ServerEntry;
  readonly #parts: LoginParts;
  readonly #tokens: Tokens;
  /** The server refused a request and named its protected resource metadata. */
  #isChallenged = false;
  /** The scope that the server asked for in its last `insufficient_scope` challenge. */
  #missedScope: string | undefined;

  constructor(server: ServerEntry, parts: LoginParts) {
    this.#server = server;
    this.#parts = parts;
    const { vault, clock } = parts;
    const fetch: Fetch = (url, init) => this.#authorityFetch()(url, init);
    this.#tokens = new Tokens({ server: server.id, audience: () => this.audience(), vault, clock, fetch });
  }

  /** What prevents use of the server, as far as that is known without connecting to it; undefined if nothing does. */
  standing(): Standing | undefined {
    // An invalid entry is reported when a client connects.
    if (this.#server.auth !== "oauth" || this.audience() === undefined) return undefined;
    const reason = this.#missingSettings();
    if (reason !== undefined) return { status: "unavailable", reason };
    return this.#tokens.login() === undefined ? { status: "auth_required", url: this.#link() } : undefined;
  }

  /** The same as an error, to be thrown instead of connecting. */
  refusal(): UpstreamError | undefined {
    const standing = this.standing();
    switch (standing?.status) {
      case undefined:
        return undefined;
      case "auth_required":
        return this.#authRequired("needs a login", standing.url);
      case "unavailable":
        return new UpstreamError("server_unavailable", `${this.#server.id} cannot be reached. ${standing.reason}`, {
          delivery: "not_sent",
          server: this.#server.id,
          retryable: false,
        });
    }
  }

  /** The error for a request that the server refused with 401 or 403. */
  refused(): UpstreamError {
    const { id, auth } = this.#server;
    if (auth === "oauth") {
      const what =
        this.#missedScope === undefined ? "refuses the present login" : "requires more permissions than the present login has";
      return this.refusal() ?? this.#authRequired(what, this.#link());
    }
    const hint = this.#isChallenged
      ? 'Set "auth": "oauth" in its registry entry to get an address for the login.'
      : 'Set its credentials in the headers of its registry entry, or "auth" to "oauth".';
    return new UpstreamError("auth_required", `${id} asks for a login. ${hint}`, { delivery: "not_sent", server: id });
  }

  /** Secrets that the server is sent, which are redacted from what it returns. */
  secrets(): Secret[] {
    const login = this.#server.auth === "oauth" ? this.#tokens.login() : undefined;
    return login === undefined ? [] : [{ name: "access token", value: login.accessToken }];
  }

  /** Wraps a fetch so that it sends the access token, if there is a login. */
  fetch(base: Fetch): Fetch {
    return createAuthorisedFetch({
      base,
      tokens: this.#server.auth === "oauth" ? this.#tokens : undefined,
      origin: readRemoteEntry(this.#server, this.#parts.environment).url.origin,
      onRefused: (response) => this.#readChallenge(response),
    });
  }

  /**
   * Starts a login attempt and returns the URL of the authorization server to redirect the browser to.
   *
   * @throws LoginFailure
   */
  async begin({ replaces, scope }: Omit<LoginTicket, "server">): Promise<URL> {
    const { vault, addresses, newId, clock, environment } = this.#parts;
    const missing = this.#missingSettings();
    if (vault === undefined || missing !== undefined) throw LoginFailure.because(`cannot be logged in to. ${missing}`);
    const redirectUri = addresses.redirectUri();
    const audience = this.audience();
    if (redirectUri === undefined || audience === undefined) throw LoginFailure.because("cannot be logged in to as it is.");
    this.#refuseIfLoggedIn(replaces);

    const server = this.#server;
    const entry = readRemoteEntry(server, environment);
    const configured = configuredClient(server, environment);
    const attempt = newId();
    const { url, ...begun } = await beginLogin({
      serverUrl: entry.url,
      challenge: await challengeOf(entry, this.#checkedFetch()),
      scope: server.oauth?.scopes?.join(" "),
      // Keeps the scopes of the present login when more are requested.
      moreScope: scope === undefined ? undefined : computeScopeUnion(this.#tokens.login()?.scope, scope),
      redirectUri,
      state: addresses.state(attempt),
      client: configured ?? registeredClient({ server, redirectUri, vault, clock }),
      mayRegister: configured === undefined,
      clientMetadataUrl: addresses.clientMetadataUrl(),
      fetch: this.#authorityFetch(),
    });
    // The server chose this URL. The browser may be sent only to addresses that this Worker would fetch too.
    const refusal = refusalOf(url, { mayReachInside: this.#mayNameInside() });
    if (refusal !== undefined) throw LoginFailure.because(refusal);
    if (configured === undefined) this.#register({ client: begun.client, redirectUri, isProven: false });
    const record: Attempt = { ...begun, server: server.id, audience, replaces, redirectUri, begunAt: clock.now() };
    vault.write(attemptKey(attempt), record);
    return url;
  }

  /** @throws LoginFailure */
  async finish(attempt: Attempt, returned: LoginReturn): Promise<void> {
    const { audience, authority, client, scope, redirectUri } = attempt;
    if (audience !== this.audience()) throw LoginFailure.because("has changed in the registry meanwhile; log in again.");
    this.#refuseIfLoggedIn(attempt.replaces);
    const tokens = await finishLogin(attempt, returned, this.#authorityFetch()).catch((error: unknown) => {
      if (error instanceof LoginFailure && error.isClientUnknown) this.#parts.vault?.remove(clientKey(this.#server.id));
      throw error;
    });
    this.#tokens.keep({ id: this.#parts.newId(), audience, authority, client, scope }, tokens);
    if (this.#server.oauth === undefined) this.#register({ client, redirectUri, isProven: true });
    this.#missedScope = undefined;
  }

  /** The server address and client that tokens are bound to. Undefined for an invalid entry. */
  audience(): string | undefined {
    const { environment } = this.#parts;
    try {
      const { transport, url } = readRemoteEntry(this.#server, this.#parts.environment);
      return JSON.stringify([transport, url.href, configuredClient(this.#server, environment)?.client_id ?? ""]);
    } catch (error) {
      if (error instanceof UpstreamError) return undefined;
      throw error;
    }
  }

  /** For requests to the authorization server. */
  #authorityFetch(): Fetch {
    return boundedFetch(this.#checkedFetch());
  }

  #checkedFetch(): Fetch {
    return createCheckedFetch({ mayReachInside: this.#mayNameInside() });
  }

  /** A server on the public internet must not send this Worker to private addresses. */
  #mayNameInside(): boolean {
    return mayNameInside(this.#server, readRemoteEntry(this.#server, this.#parts.environment), this.#parts);
  }

  /** An old login link must not replace the present login with one of another account. */
  #refuseIfLoggedIn(replaces: string | undefined): void {
    const login = this.#tokens.login();
    if (login !== undefined && login.id !== replaces) throw LoginFailure.because("is logged in already; there is nothing to do.");
  }

  /** A sentence about what must be set before anybody can log in; undefined if nothing is missing. */
  #missingSettings(): string | undefined {
    if (this.#parts.vault === undefined) return oauthKeyMessage;
    const missing = missingOfClient(this.#server, this.#parts.environment);
    return missing.length === 0 ? undefined : `Set ${missing.join(", ")} as a Worker secret (locally in .dev.vars).`;
  }

  #link(): string {
    const login = this.#tokens.login();
    return this.#parts.addresses.link({ server: this.#server.id, replaces: login?.id, scope: this.#missedScope });
  }

  #authRequired(what: string, url: string): UpstreamError {
    const message = `${this.#server.id} ${what}. Ask the user to open this address in a browser and log in, then try again: ${url}`;
    return new UpstreamError("auth_required", message, { delivery: "not_sent", server: this.#server.id, url });
  }

  #register(registration: Registration): void {
    this.#parts.vault?.write(clientKey(this.#server.id), registration);
  }

  #readChallenge(response: Response): void {
    const { resourceMetadataUrl, error, scope } = extractWWWAuthenticateParams(response);
    if (resourceMetadataUrl !== undefined) this.#isChallenged = true;
    if (error === "insufficient_scope") this.#missedScope = scope;
  }
}
