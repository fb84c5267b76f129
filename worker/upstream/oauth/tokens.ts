import type { OAuthTokens } from "@modelcontextprotocol/client";
import type { Clock } from "../../../core/clock.ts";
import { UpstreamError } from "../../../core/errors.ts";
import type { Fetch } from "../../../core/remote/fetch.ts";
import { LoginFailure } from "./failure.ts";
import { clientKey, loginKey } from "./keys.ts";
import { loginLimits } from "./login-limits.ts";
import { renewLogin } from "./protocol.ts";
import { Login } from "./records.ts";
import type { Vault } from "./vault.ts";

export interface TokensOptions {
  server: string;
  /** The audience that the present registry entry requires. */
  audience: () => string | undefined;
  /** Undefined without OAUTH_KEY. */
  vault: Vault | undefined;
  clock: Clock;
  /** For requests to the authorization server. */
  fetch: Fetch;
}

/** Owns the tokens of one server. Concurrent callers share one refresh. */
export class Tokens {
  readonly #options: TokensOptions;
  #renewing: Promise<Login | undefined> | undefined;

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  /** The present login, even if its token has expired. Undefined if it was issued for another audience. */
  login(): Login | undefined {
    const { vault, server, audience } = this.#options;
    const login = vault?.read(loginKey(server), Login);
    return login?.audience === audience() ? login : undefined;
  }

  /** The login, refreshed first if its token is known to have expired. */
  async current(): Promise<Login | undefined> {
    const login = this.login();
    if (login?.refreshToken === undefined || login.renewAt === undefined) return login;
    return this.#options.clock.now() < login.renewAt ? login : this.renew(login);
  }

  /**
   * Refreshes a login whose token the server refused. Callers during a refresh share its result, and later callers with the old
   * token get the present login, so that a refresh token is used only once.
   *
   * @throws UpstreamError `server_unavailable` when the authorization server does not answer
   */
  async renew(used: Login): Promise<Login | undefined> {
    const login = this.login();
    if (login === undefined || login.accessToken !== used.accessToken) return login;
    this.#renewing ??= this.#redeem(login).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  keep(login: Omit<Login, "accessToken" | "renewAt">, tokens: OAuthTokens): Login {
    const { vault, server, clock } = this.#options;
    const refreshToken = tokens.refresh_token ?? login.refreshToken;
    const kept: Login = {
      ...login,
      scope: tokens.scope ?? login.scope,
      accessToken: tokens.access_token,
      ...(refreshToken === undefined ? {} : { refreshToken }),
      renewAt: tokens.expires_in === undefined ? undefined : clock.now() + lifeMs(tokens.expires_in),
    };
    vault?.write(loginKey(server), kept);
    return kept;
  }

  /** Deletes the login, unless another has replaced it. */
  end(login: Login): void {
    if (this.#isPresent(login)) this.#options.vault?.remove(loginKey(this.#options.server));
  }

  async #redeem(login: Login): Promise<Login | undefined> {
    const { server, fetch } = this.#options;
    try {
      if (login.refreshToken === undefined) throw LoginFailure.over();
      const tokens = await renewLogin(login, login.refreshToken, fetch);
      return this.#isPresent(login) ? this.keep(login, tokens) : this.login();
    } catch (error) {
      if (!(error instanceof LoginFailure)) throw error;
      if (!error.isOver) {
        const message = `${server} cannot be reached: its login has expired and could not be renewed. It ${error.message}`;
        throw new UpstreamError("server_unavailable", message, { delivery: "not_sent", server, cause: error });
      }
      // The next login registers a new client.
      if (error.isClientUnknown) this.#options.vault?.remove(clientKey(server));
      this.end(login);
      return this.login();
    }
  }

  #isPresent(login: Login): boolean {
    return this.login()?.accessToken === login.accessToken;
  }
}

/** How long a token is used: its lifetime, less a margin for network delay and clock differences. */
function lifeMs(seconds: number): number {
  return Math.max(0, seconds * 1_000 - Math.min(loginLimits.tokenMarginMs, seconds * 100));
}
