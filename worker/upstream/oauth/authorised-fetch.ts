import { UnauthorizedError } from "@modelcontextprotocol/client";
import type { Fetch } from "../../../core/remote/fetch.ts";
import type { Login } from "./records.ts";
import type { Tokens } from "./tokens.ts";

export interface AuthorisedFetchOptions {
  base: Fetch;
  /** Undefined for a server without OAuth. */
  tokens: Tokens | undefined;
  /** The server's origin, such as https://mcp.example.com. Tokens are sent to no other. */
  origin: string;
  /** Called with a response of 401 or 403 that a new token did not help. */
  onRefused: (response: Response) => void;
}

/**
 * A fetch that adds the access token and refreshes it when it has expired. A request refused with 401 was not executed, so it is
 * repeated once with a new token.
 *
 * @throws LoginRefusal when a POST is still refused, because one of the SDK's transports would lose the status
 */
export function createAuthorisedFetch({ base, tokens, origin, onRefused }: AuthorisedFetchOptions): Fetch {
  const send = (url: string | URL, init: RequestInit | undefined, login: Login | undefined) =>
    base(url, login !== undefined && new URL(url).origin === origin ? withToken(init, login) : init);

  async function sendWithRetry(url: string | URL, init: RequestInit | undefined): Promise<Response> {
    const login = await tokens?.current();
    const response = await send(url, init, login);
    if (response.status !== 401 || tokens === undefined || login === undefined) return response;
    const renewed = await tokens.renew(login);
    if (renewed === undefined) return response;
    await response.body?.cancel();
    const again = await send(url, init, renewed);
    if (again.status === 401) tokens.end(renewed);
    return again;
  }

  return async (url, init) => {
    const response = await sendWithRetry(url, init);
    if (response.status !== 401 && response.status !== 403) return response;
    onRefused(response);
    if (init?.method !== "POST") return response;
    await response.body?.cancel();
    throw new LoginRefusal(response.status);
  };
}

/** The SDK's error for a missing login, with the status that the server refused it with: 401 or 403. */
export class LoginRefusal extends UnauthorizedError {
  readonly status: number;

  constructor(status: number) {
    super();
    this.status = status;
  }
}

function withToken(init: RequestInit | undefined, { accessToken }: Login): RequestInit {
  const headers = new Headers(init?.headers);
  headers.set("Authorization", `Bearer ${accessToken}`);
  return { ...init, headers };
}
