import {
  auth,
  computeScopeUnion,
  exchangeAuthorization,
  type OAuthClientProvider,
  type OAuthTokens,
  refreshAuthorization,
  validateAuthorizationResponseIssuer,
} from "@modelcontextprotocol/client";
import type { Fetch } from "../../../core/remote/fetch.ts";
import { oauthClientMetadata } from "../../../core/run/login-urls.ts";
import { Documents } from "./documents.ts";
import { LoginFailure } from "./failure.ts";
import { isSameIssuer } from "./issuers.ts";
import { type Attempt, Authority, Client, type Login } from "./records.ts";

/* The three steps of a login that call an authorization server. The SDK implements the OAuth protocol itself. */

export interface LoginRequest {
  serverUrl: URL;
  /** From the WWW-Authenticate header of the server's 401 (RFC 9728). */
  challenge: { resourceMetadataUrl?: URL; scope?: string };
  /** The scope from the registry entry. It takes precedence over the one in the challenge. */
  scope: string | undefined;
  /** Requested in addition: a scope that the previous login lacked. */
  moreScope: string | undefined;
  redirectUri: string;
  state: string;
  /** The client to identify as; undefined if none is registered yet. */
  client: Client | undefined;
  /** Whether to register a client if there is none, or if `client` belongs to another authorization server. */
  mayRegister: boolean;
  /** The URL of this client's metadata document; undefined where authorization servers cannot reach it. */
  clientMetadataUrl: string | undefined;
  fetch: Fetch;
}

/** Discovers the authorization server, registers a client if needed, and returns the URL where the person logs in. */
export async function beginLogin(
  request: LoginRequest,
): Promise<{ url: URL } & Pick<Attempt, "authority" | "client" | "verifier" | "scope">> {
  const { redirectUri, mayRegister, clientMetadataUrl, challenge } = request;
  let { client } = request;
  let authority: Authority | undefined;
  let resource: string | undefined;
  let verifier: string | undefined;
  let url: URL | undefined;
  const documents = new Documents(request.fetch);
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
      throw new Error("the SDK saved tokens before anybody logged in");
    },
    saveDiscoveryState({ authorizationServerUrl: asked, authorizationServerMetadata: metadata }) {
      // In place of the SDK's check, for which a slash at the end is another server.
      if (metadata !== undefined && !isSameIssuer(metadata.issuer, asked)) {
        throw LoginFailure.otherIssuer({ asked, answered: metadata.issuer });
      }
      authority = Authority.parse({ url: asked, metadata });
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
      fetchFn: documents.fetch,
      skipIssuerMetadataValidation: true,
    });
  } catch (error) {
    throw LoginFailure.of(error, {
      authority,
      redirectUri,
      hasClient: client !== undefined,
      problem: documents.problemOf(error),
    });
  }
  if (authority === undefined || client === undefined || verifier === undefined || url === undefined)
    throw new Error("the SDK's auth() ended without an authorization URL");
  const asked = url.searchParams.get("scope") ?? undefined;
  return { url, client, verifier, scope: asked, authority: { ...authority, ...(resource === undefined ? {} : { resource }) } };
}

/** The parameters of the authorization response (RFC 6749, section 4.1.2). Untrusted: anybody can forge them. */
export interface LoginReturn {
  code: string | undefined;
  error: string | undefined;
  errorDescription: string | undefined;
  iss: string | undefined;
}

/** Exchanges the authorization code for tokens. @throws LoginFailure */
export async function finishLogin(
  attempt: Pick<Attempt, "authority" | "client" | "verifier" | "redirectUri">,
  { code, error, errorDescription, iss: named }: LoginReturn,
  fetch: Fetch,
): Promise<OAuthTokens> {
  const { authority, client, redirectUri, verifier } = attempt;
  const documents = new Documents(fetch);
  const expected = authority.metadata?.issuer;
  // The SDK compares letter by letter.
  const iss = named !== undefined && expected !== undefined && isSameIssuer(named, expected) ? expected : named;
  try {
    // Comes first (RFC 9207, section 2.4): nothing in a response from another issuer is used, not even its error.
    validateAuthorizationResponseIssuer({
      iss,
      expectedIssuer: expected,
      issParameterSupported: authority.metadata?.authorization_response_iss_parameter_supported === true,
    });
    if (error !== undefined) throw LoginFailure.refused(error, errorDescription);
    if (code === undefined) throw LoginFailure.refused("no code", undefined);
    return await exchangeAuthorization(authority.url, {
      ...tokenRequest({ authority, client, fetch: documents.fetch }),
      authorizationCode: code,
      ...(iss === undefined ? {} : { iss }),
      codeVerifier: verifier,
      redirectUri,
    });
  } catch (cause) {
    throw LoginFailure.of(cause, { authority, redirectUri, hasClient: true, problem: documents.problemOf(cause) });
  }
}

/** Exchanges the refresh token for new tokens. @throws LoginFailure, with `isOver` set if the login has ended */
export async function renewLogin(
  { authority, client }: Pick<Login, "authority" | "client">,
  refreshToken: string,
  fetch: Fetch,
): Promise<OAuthTokens> {
  const documents = new Documents(fetch);
  try {
    return await refreshAuthorization(authority.url, {
      ...tokenRequest({ authority, client, fetch: documents.fetch }),
      refreshToken,
    });
  } catch (error) {
    throw LoginFailure.of(error, { authority, redirectUri: "", hasClient: true, problem: documents.problemOf(error) });
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
