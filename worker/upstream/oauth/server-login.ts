import { computeScopeUnion, extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import type { Clock } from "../../../core/clock.ts";
import { UpstreamError } from "../../../core/errors.ts";
import type { Environment } from "../../../core/registry/interpolation.ts";
import type { Secret } from "../../../core/registry/redaction.ts";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { oauthKeyMessage } from "../../../core/run/login-urls.ts";
import { mayNameInside, readRemoteEntry } from "../remote/entry.ts";
import { refusalOf } from "../remote/transport/address.ts";
import { createCheckedFetch, type Fetch } from "../remote/transport/checked-fetch.ts";
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

/** A login that somebody may begin. */
export interface LoginTicket {
  server: string;
  /** The id of the login in whose place it comes. */
  replaces?: string | undefined;
  /** Permissions that the server missed, beyond those that the registry asks for. */
  scope?: string | undefined;
}

/** Addresses of this orchestrator's own. */
export interface LoginAddresses {
  /** Where a person begins the login. */
  link(ticket: LoginTicket): string;
  /** Comes back with the browser, unchanged. */
  state(attempt: string): string;
  /** Where browsers come back to; undefined before the first request has said what this orchestrator is called. */
  redirectUri(): string | undefined;
  /** Undefined where authorization servers cannot read it. */
  clientMetadataUrl(): string | undefined;
}

export interface LoginParts {
  /** None without a secret to seal with: then nobody logs in. */
  vault: Vault | undefined;
  addresses: LoginAddresses;
  environment: Environment;
  /** Whether the registry may name addresses of this machine and its network. */
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
  /** The server has refused a request and said where its authorization server is named. */
  #isChallenged = false;
  /** The permissions it missed last. */
  #missedScope: string | undefined;

  constructor(server: ServerEntry, parts: LoginParts) {
    this.#server = server;
    this.#parts = parts;
    const { vault, clock } = parts;
    const fetch: Fetch = (url, init) => this.#strangersFetch()(url, init);
    this.#tokens = new Tokens({ server: server.id, audience: () => this.audience(), vault, clock, fetch });
  }

  /** What keeps the server from being used; undefined when nothing does. Never connects. */
  standing(): Standing | undefined {
    // An entry that cannot be read is told of by whoever connects.
    if (this.#server.auth !== "oauth" || this.audience() === undefined) return undefined;
    const reason = this.#unset();
    if (reason !== undefined) return { status: "unavailable", reason };
    return this.#tokens.login() === undefined ? { status: "auth_required", url: this.#link() } : undefined;
  }

  /** The same as an error, for who wants to connect all the same. */
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

  /** The error for a request that the server has refused with 401 or 403. */
  refused(): UpstreamError {
    const { id, auth } = this.#server;
    if (auth === "oauth") {
      const what = this.#missedScope === undefined ? "refuses the present login" : "asks for more permissions than it has";
      return this.refusal() ?? this.#authRequired(what, this.#link());
    }
    const hint = this.#isChallenged
      ? 'Set "auth": "oauth" in its registry entry; then there is an address to log in at.'
      : 'Set its credentials in the headers of its registry entry, or "auth" to "oauth".';
    return new UpstreamError("auth_required", `${id} asks for a login. ${hint}`, { delivery: "not_sent", server: id });
  }

  /** What the server is told and is not to repeat. */
  secrets(): Secret[] {
    const login = this.#server.auth === "oauth" ? this.#tokens.login() : undefined;
    return login === undefined ? [] : [{ name: "access token", value: login.accessToken }];
  }

  /** Requests with the token, where there is one. */
  fetch(base: Fetch): Fetch {
    return createAuthorisedFetch({
      base,
      tokens: this.#server.auth === "oauth" ? this.#tokens : undefined,
      origin: readRemoteEntry(this.#server, this.#parts.environment).url.origin,
      onRefused: (response) => this.#heed(response),
    });
  }

  /**
   * The address of the authorization server to send a browser to.
   *
   * @throws LoginFailure
   */
  async begin({ replaces, scope }: Omit<LoginTicket, "server">): Promise<URL> {
    const { vault, addresses, newId, clock, environment } = this.#parts;
    const unset = this.#unset();
    if (vault === undefined || unset !== undefined) throw LoginFailure.because(`cannot be logged in to. ${unset}`);
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
      // What the present login may do is not lost for the sake of what it may not.
      moreScope: scope === undefined ? undefined : computeScopeUnion(this.#tokens.login()?.scope, scope),
      redirectUri,
      state: addresses.state(attempt),
      client: configured ?? registeredClient({ server, redirectUri, vault, clock }),
      mayRegister: configured === undefined,
      clientMetadataUrl: addresses.clientMetadataUrl(),
      fetch: this.#strangersFetch(),
    });
    // A browser is sent no further either than the server may send us.
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
    const tokens = await finishLogin(attempt, returned, this.#strangersFetch());
    this.#tokens.keep({ id: this.#parts.newId(), audience, authority, client, scope }, tokens);
    if (this.#server.oauth === undefined) this.#register({ client, redirectUri, isProven: true });
    this.#missedScope = undefined;
  }

  /** What tokens are given for: another address is another audience. Undefined for an entry that names none. */
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

  /** For the authorization server that it names. */
  #strangersFetch(): Fetch {
    return boundedFetch(this.#checkedFetch());
  }

  #checkedFetch(): Fetch {
    return createCheckedFetch({ mayReachInside: this.#mayNameInside() });
  }

  /** The server is a stranger, who may send nobody further than it lies itself. */
  #mayNameInside(): boolean {
    return mayNameInside(this.#server, readRemoteEntry(this.#server, this.#parts.environment), this.#parts);
  }

  /** Whoever has an old link does not get to put another account in the place of the one that is there. */
  #refuseIfLoggedIn(replaces: string | undefined): void {
    const login = this.#tokens.login();
    if (login !== undefined && login.id !== replaces) throw LoginFailure.because("is logged in already; there is nothing to do.");
  }

  /** What has to be set before anybody can log in. */
  #unset(): string | undefined {
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

  #heed(response: Response): void {
    const { resourceMetadataUrl, error, scope } = extractWWWAuthenticateParams(response);
    if (resourceMetadataUrl !== undefined) this.#isChallenged = true;
    if (error === "insufficient_scope") this.#missedScope = scope;
  }
}
