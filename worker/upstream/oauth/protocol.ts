import {
  auth,
  computeScopeUnion,
  exchangeAuthorization,
  type OAuthClientProvider,
  type OAuthTokens,
  refreshAuthorization,
  validateAuthorizationResponseIssuer,
} from "@modelcontextprotocol/client";
import { oauthClientMetadata } from "../../../core/run/login-urls.ts";
import type { Fetch } from "../remote/transport/checked-fetch.ts";
import { LoginFailure } from "./failure.ts";
import { type Attempt, Authority, Client, type Login } from "./records.ts";

/* The three steps in which a login talks to an authorization server. What is said there is the SDK's business. */

export interface LoginRequest {
  serverUrl: URL;
  /** What the server said when it refused (RFC 9728). */
  challenge: { resourceMetadataUrl?: URL; scope?: string };
  /** What the registry asks for; it goes before what the server names. */
  scope: string | undefined;
  /** A scope that the server missed in the login before. */
  moreScope: string | undefined;
  redirectUri: string;
  state: string;
  /** Who to be; unknown to the authorization server without. */
  client: Client | undefined;
  /** Whether another client may be registered when there is none, or the one there is belongs elsewhere. */
  mayRegister: boolean;
  /** Where authorization servers read what this client is; only where they can reach it. */
  clientMetadataUrl: string | undefined;
  fetch: Fetch;
}

/** Finds the authorization server, becomes its client, and gives the address at which people log in. */
export async function beginLogin(
  request: LoginRequest,
): Promise<{ url: URL } & Pick<Attempt, "authority" | "client" | "verifier" | "scope">> {
  const { redirectUri, mayRegister, clientMetadataUrl, challenge } = request;
  let { client } = request;
  let authority: Authority | undefined;
  let resource: string | undefined;
  let verifier: string | undefined;
  let url: URL | undefined;
  const provider: OAuthClientProvider = {
    redirectUrl: redirectUri,
    clientMetadata: oauthClientMetadata(redirectUri),
    ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
    state: () => request.state,
    clientInformation: () => client,
    ...(mayRegister
      ? {
          saveClientInformation(information) {
            client = Client.parse(information);
          },
        }
      : {}),
    tokens: () => undefined,
    saveTokens() {
      throw new Error("tokens were given before anybody logged in");
    },
    saveDiscoveryState(state) {
      authority = Authority.parse({ url: state.authorizationServerUrl, metadata: state.authorizationServerMetadata });
    },
    saveResourceUrl(name) {
      resource = name;
    },
    saveCodeVerifier(text) {
      verifier = text;
    },
    codeVerifier: () => verifier ?? "",
    redirectToAuthorization(address) {
      url = address;
    },
  };
  const scope = computeScopeUnion(request.scope ?? challenge.scope, request.moreScope);
  try {
    await auth(provider, {
      serverUrl: request.serverUrl,
      ...(scope === undefined ? {} : { scope }),
      ...(challenge.resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: challenge.resourceMetadataUrl }),
      fetchFn: request.fetch,
    });
  } catch (error) {
    throw LoginFailure.of(error, { authority, redirectUri, isKnown: client !== undefined });
  }
  if (authority === undefined || client === undefined || verifier === undefined || url === undefined)
    throw new Error("the SDK's auth() ended without an address to log in at");
  const asked = url.searchParams.get("scope") ?? undefined;
  return { url, client, verifier, scope: asked, authority: { ...authority, ...(resource === undefined ? {} : { resource }) } };
}

/** What an authorization server sent a browser back with (RFC 6749, section 4.1.2). All of it may be anybody's. */
export interface LoginReturn {
  code: string | undefined;
  error: string | undefined;
  errorDescription: string | undefined;
  iss: string | undefined;
}

/** Redeems the code. */
export async function finishLogin(
  attempt: Pick<Attempt, "authority" | "client" | "verifier" | "redirectUri">,
  { code, error, errorDescription, iss }: LoginReturn,
  fetch: Fetch,
): Promise<OAuthTokens> {
  const { authority, client, redirectUri, verifier } = attempt;
  try {
    // First of all (RFC 9207, section 2.4): an answer of another server is not read, its error included.
    validateAuthorizationResponseIssuer({
      iss,
      expectedIssuer: authority.metadata?.issuer,
      issParameterSupported: authority.metadata?.authorization_response_iss_parameter_supported === true,
    });
    if (error !== undefined) throw LoginFailure.refused(error, errorDescription);
    if (code === undefined) throw LoginFailure.refused("no code", undefined);
    return await exchangeAuthorization(authority.url, {
      ...tokenRequest({ authority, client, fetch }),
      authorizationCode: code,
      ...(iss === undefined ? {} : { iss }),
      codeVerifier: verifier,
      redirectUri,
    });
  } catch (cause) {
    throw LoginFailure.of(cause, { authority, redirectUri, isKnown: true });
  }
}

/** Redeems the refresh token. @throws LoginFailure whose `isOver` says whether the login is at an end */
export async function renewLogin(
  { authority, client }: Pick<Login, "authority" | "client">,
  refreshToken: string,
  fetch: Fetch,
): Promise<OAuthTokens> {
  try {
    return await refreshAuthorization(authority.url, { ...tokenRequest({ authority, client, fetch }), refreshToken });
  } catch (error) {
    throw LoginFailure.of(error, { authority, redirectUri: "", isKnown: true });
  }
}

function tokenRequest({ authority, client, fetch }: { authority: Authority; client: Client; fetch: Fetch }) {
  const { metadata, resource } = authority;
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(resource === undefined ? {} : { resource }),
    clientInformation: client,
    fetchFn: fetch,
  };
}
