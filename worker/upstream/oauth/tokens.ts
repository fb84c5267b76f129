import type { OAuthTokens } from "@modelcontextprotocol/client";
import type { Clock } from "../../../core/clock.ts";
import { UpstreamError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { Fetch } from "../remote/transport/checked-fetch.ts";
import { LoginFailure } from "./failure.ts";
import { loginKey } from "./keys.ts";
import { renewLogin } from "./protocol.ts";
import { Login } from "./records.ts";
import type { Vault } from "./vault.ts";

export interface TokensOptions {
  server: string;
  /** What tokens are good for, as the entry is now. */
  audience: () => string | undefined;
  /** None without a secret to seal with. */
  vault: Vault | undefined;
  clock: Clock;
  /** For authorization servers. */
  fetch: Fetch;
}

/** The one owner of a server's tokens: whoever needs them renewed waits for the same renewal. */
export class Tokens {
  readonly #options: TokensOptions;
  #renewing: Promise<Login | undefined> | undefined;

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  /** The login that holds, however old its token; none when it was given for something else. */
  login(): Login | undefined {
    const { vault, server, audience } = this.#options;
    const login = vault?.read(loginKey(server), Login);
    return login?.audience === audience() ? login : undefined;
  }

  /** The login, renewed when its token is known to have expired. */
  async current(): Promise<Login | undefined> {
    const login = this.login();
    if (login?.refreshToken === undefined || login.renewAt === undefined) return login;
    return this.#options.clock.now() < login.renewAt ? login : this.renew(login);
  }

  /**
   * The login after the server refused its token. Who comes while it is renewed waits for that; who comes after that gets what
   * came of it, and a refresh token is redeemed once.
   *
   * @throws UpstreamError `server_unavailable` when the authorization server cannot be asked now
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

  /** Forgets it, unless another login has taken its place. */
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
      this.end(login);
      return this.login();
    }
  }

  #isPresent(login: Login): boolean {
    return this.login()?.accessToken === login.accessToken;
  }
}

/** How long a token is used: its life, less a little for the way, and for clocks that differ. */
function lifeMs(seconds: number): number {
  return Math.max(0, seconds * 1_000 - Math.min(limits.tokenMarginMs, seconds * 100));
}
