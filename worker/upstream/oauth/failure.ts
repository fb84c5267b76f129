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
  /** As far as it was found. */
  authority: Authority | undefined;
  redirectUri: string;
  /** There is a client to be. */
  isKnown: boolean;
}

/** A step of a login that failed. The message reads after the server's name, and may repeat a stranger's words, bounded. */
export class LoginFailure extends Error {
  override readonly name = "LoginFailure";
  /** The tokens will never be taken again; only another login helps. */
  readonly isOver: boolean;

  private constructor(message: string, { isOver, cause }: { isOver: boolean; cause: unknown }) {
    super(message, { cause });
    this.isOver = isOver;
  }

  /** From what the SDK threw. */
  static of(error: unknown, circumstances: Circumstances): LoginFailure {
    if (error instanceof LoginFailure) return error;
    return new LoginFailure(sentenceOf(error, circumstances), { isOver: isOver(error), cause: error });
  }

  /** Decided here. */
  static because(message: string): LoginFailure {
    return new LoginFailure(message, { isOver: false, cause: undefined });
  }

  /** Nothing is left to renew it with. */
  static over(): LoginFailure {
    return new LoginFailure("is logged out.", { isOver: true, cause: undefined });
  }

  /** What a browser came back with instead of a code. */
  static refused(code: string, description: string | undefined): LoginFailure {
    const why = description === undefined || description === "" ? "" : `: ${bounded(description)}`;
    const message =
      code === OAuthErrorCode.AccessDenied
        ? `was not logged in to, because the login was refused${why}.`
        : `was not logged in to: its authorization server answered ${bounded(code)}${why}.`;
    return new LoginFailure(message, { isOver: false, cause: undefined });
  }
}

function sentenceOf(error: unknown, { authority, redirectUri, isKnown }: Circumstances): string {
  const host = hostOf(authority);
  const byHand = `Register a client there by hand, with the redirect address ${redirectUri}, and name it as "oauth": { "clientId": … } in the registry entry.`;
  if (error instanceof AddressRefusal) return error.message;
  if (RegistrationRejectedError.isInstance(error) && authority?.metadata === undefined)
    return 'does not say where to log in to it. If it needs no login, leave "auth" out of its registry entry; if it takes a key, set that in its headers.';
  if (RegistrationRejectedError.isInstance(error))
    return `has an authorization server${host} that does not take this orchestrator as a client (HTTP ${error.status}). ${byHand}`;
  if (!isKnown && authority?.metadata !== undefined && authority.metadata.registration_endpoint === undefined)
    return `has an authorization server${host} where clients do not register by themselves. ${byHand}`;
  if (IssuerMismatchError.isInstance(error) || AuthorizationServerMismatchError.isInstance(error))
    return `was not logged in to: another authorization server answered than the one that was asked. If you did not expect this, do not log in.`;
  if (InsecureTokenEndpointError.isInstance(error))
    return `has an authorization server${host} that takes tokens over plain http; nothing was sent to it.`;
  if (error instanceof OAuthError && error.code !== OAuthErrorCode.ServerError)
    return `has an authorization server${host} that answered ${bounded(error.code)}: ${bounded(error.message)}`;
  return `has an authorization server${host} that does not answer as one. Try again later; if it stays so, check the url in the registry entry.`;
}

/** Of what it answers, this will be another answer some other time. */
const passing: readonly string[] = [
  OAuthErrorCode.ServerError,
  OAuthErrorCode.TemporarilyUnavailable,
  OAuthErrorCode.TooManyRequests,
];

function isOver(error: unknown): boolean {
  return error instanceof OAuthError && !passing.includes(error.code);
}

function hostOf(authority: Authority | undefined): string {
  return authority !== undefined && URL.canParse(authority.url) ? ` (${new URL(authority.url).host})` : "";
}

function bounded(text: string): string {
  return text.length <= limits.strangerSentenceCharsMax ? text : `${text.slice(0, limits.strangerSentenceCharsMax)}…`;
}
