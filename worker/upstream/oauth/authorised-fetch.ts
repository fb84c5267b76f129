import { UnauthorizedError } from "@modelcontextprotocol/client";
import type { Fetch } from "../remote/transport/checked-fetch.ts";
import type { Login } from "./records.ts";
import type { Tokens } from "./tokens.ts";

export interface AuthorisedFetchOptions {
  base: Fetch;
  /** None for a server that nobody logs in to. */
  tokens: Tokens | undefined;
  /** The server's own, such as https://mcp.example.com. Tokens go there and nowhere else. */
  origin: string;
  /** A response with 401 or 403 that stays. */
  onRefused: (response: Response) => void;
}

/**
 * Requests with the token, renewed when it has expired. One that was refused for its token is made once more: it was not executed.
 *
 * @throws UnauthorizedError for a message that stays refused: of the SDK's transports, one would throw away the status
 */
export function createAuthorisedFetch({ base, tokens, origin, onRefused }: AuthorisedFetchOptions): Fetch {
  const send = (url: string | URL, init: RequestInit | undefined, login: Login | undefined) =>
    base(url, login !== undefined && new URL(url).origin === origin ? withToken(init, login) : init);

  async function sendOnceMore(url: string | URL, init: RequestInit | undefined): Promise<Response> {
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
    const response = await sendOnceMore(url, init);
    if (response.status !== 401 && response.status !== 403) return response;
    onRefused(response);
    if (init?.method !== "POST") return response;
    await response.body?.cancel();
    throw new UnauthorizedError();
  };
}

function withToken(init: RequestInit | undefined, { accessToken }: Login): RequestInit {
  const headers = new Headers(init?.headers);
  headers.set("Authorization", `Bearer ${accessToken}`);
  return { ...init, headers };
}
