import {
  AuthorizationServerMismatchError,
  InsecureTokenEndpointError,
  IssuerMismatchError,
  OAuthError,
  OAuthErrorCode,
  RegistrationRejectedError,
} from "@modelcontextprotocol/client";
import { limits } from "../../../core/limits.ts";
import { AddressRefusal } from "../remote/transport/checked-fetch.ts";
import type { Authority } from "./records.ts";

interface Circumstances {
  /** Undefined until discovery has found it. */
  authority: Authority | undefined;
  redirectUri: string;
  /** Whether there is a client to identify as. */
  hasClient: boolean;
}

/** A failed step of a login. The message is a predicate to follow the server's name. Untrusted text in it is bounded. */
export class LoginFailure extends Error {
  override readonly name = "LoginFailure";
  /** The tokens will never be accepted again: a new login is needed. */
  readonly isOver: boolean;

  private constructor(message: string, { isOver, cause }: { isOver: boolean; cause: unknown }) {
    super(message, { cause });
    this.isOver = isOver;
  }

  /** Translates what the SDK threw. */
  static of(error: unknown, circumstances: Circumstances): LoginFailure {
    if (error instanceof LoginFailure) return error;
    return new LoginFailure(sentenceOf(error, circumstances), { isOver: isOver(error), cause: error });
  }

  /** For a reason that this orchestrator decided. */
  static because(message: string): LoginFailure {
    return new LoginFailure(message, { isOver: false, cause: undefined });
  }

  /** There is no refresh token. */
  static over(): LoginFailure {
    return new LoginFailure("is logged out.", { isOver: true, cause: undefined });
  }

  /** The browser returned with an error instead of a code. */
  static refused(code: string, description: string | undefined): LoginFailure {
    const why = description === undefined || description === "" ? "" : `: ${bounded(description)}`;
    const message =
      code === OAuthErrorCode.AccessDenied
        ? `was not logged in to, because the login was refused${why}.`
        : `was not logged in to: its authorization server answered ${bounded(code)}${why}.`;
    return new LoginFailure(message, { isOver: false, cause: undefined });
  }
}

function sentenceOf(error: unknown, { authority, redirectUri, hasClient }: Circumstances): string {
  const host = hostOf(authority);
  const byHand = `Register a client there by hand, with the redirect address ${redirectUri}, and name it as "oauth": { "clientId": … } in the registry entry.`;
  if (error instanceof AddressRefusal) return error.message;
  if (RegistrationRejectedError.isInstance(error) && authority?.metadata === undefined)
    return 'does not say where to log in to it. If it needs no login, leave "auth" out of its registry entry; if it takes a key, set that in its headers.';
  if (RegistrationRejectedError.isInstance(error))
    return `has an authorization server${host} that does not take this orchestrator as a client (HTTP ${error.status}). ${byHand}`;
  if (!hasClient && authority?.metadata !== undefined && authority.metadata.registration_endpoint === undefined)
    return `has an authorization server${host} where clients do not register by themselves. ${byHand}`;
  if (IssuerMismatchError.isInstance(error) || AuthorizationServerMismatchError.isInstance(error))
    return `was not logged in to: another authorization server answered than the one that was asked. If you did not expect this, do not log in.`;
  if (InsecureTokenEndpointError.isInstance(error))
    return `has an authorization server${host} that takes tokens over plain http; nothing was sent to it.`;
  if (error instanceof OAuthError && error.code !== OAuthErrorCode.ServerError)
    return `has an authorization server${host} that answered ${bounded(error.code)}: ${bounded(error.message)}`;
  return `has an authorization server${host} that does not answer as one. Try again later; if it stays so, check the url in the registry entry.`;
}

/** Errors of an authorization server that may pass: the login is kept. */
const transientCodes: readonly string[] = [
  OAuthErrorCode.ServerError,
  OAuthErrorCode.TemporarilyUnavailable,
  OAuthErrorCode.TooManyRequests,
];

function isOver(error: unknown): boolean {
  return error instanceof OAuthError && !transientCodes.includes(error.code);
}

function hostOf(authority: Authority | undefined): string {
  return authority !== undefined && URL.canParse(authority.url) ? ` (${new URL(authority.url).host})` : "";
}

function bounded(text: string): string {
  return text.length <= limits.strangerSentenceCharsMax ? text : `${text.slice(0, limits.strangerSentenceCharsMax)}…`;
}
