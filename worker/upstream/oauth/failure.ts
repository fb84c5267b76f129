import {
  AuthorizationServerMismatchError,
  InsecureTokenEndpointError,
  IssuerMismatchError,
  OAuthError,
  OAuthErrorCode,
  RegistrationRejectedError,
} from "@modelcontextprotocol/client";
import { AddressRefusal } from "../../../core/remote/fetch.ts";
import { cutText, withoutInvisible } from "../../../core/text.ts";
import { resourceMetadata } from "./documents.ts";
import { loginLimits } from "./login-limits.ts";
import type { Authority } from "./records.ts";

interface Circumstances {
  /** Undefined until discovery has found it. */
  authority: Authority | undefined;
  redirectUri: string;
  /** Whether there is a client to identify as. */
  hasClient: boolean;
  /** What was wrong with the document that the step failed at, if one was. */
  problem: string | undefined;
}

/** A failed step of a login. The message is a predicate to follow the server's name. Untrusted text in it is bounded. */
export class LoginFailure extends Error {
  override readonly name = "LoginFailure";
  /** The tokens will never be accepted again: a new login is needed. */
  readonly isOver: boolean;
  /** The authorization server does not know the client, or no longer: another one has to be registered. */
  readonly isClientUnknown: boolean;

  private constructor(message: string, { isOver, isClientUnknown = false, cause }: FailureTraits) {
    super(message, { cause });
    this.isOver = isOver;
    this.isClientUnknown = isClientUnknown;
  }

  /** Translates what the SDK threw. */
  static of(error: unknown, circumstances: Circumstances): LoginFailure {
    if (error instanceof LoginFailure) return error;
    const isClientUnknown = error instanceof OAuthError && clientCodes.includes(error.code);
    return new LoginFailure(sentenceOf(error, circumstances), { isOver: isOver(error), isClientUnknown, cause: error });
  }

  /** For a reason that this orchestrator decided. */
  static because(message: string): LoginFailure {
    return new LoginFailure(message, { isOver: false, cause: undefined });
  }

  /** The metadata names another issuer than the one that it was requested from. */
  static otherIssuer({ asked, answered }: { asked: string; answered: string }): LoginFailure {
    return LoginFailure.because(
      `was not logged in to: its authorization server is named ${bounded(asked)}, and the metadata found there names the issuer ${bounded(answered)}. Only the server's operator can correct that; if you did not expect it, do not log in.`,
    );
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
    return new LoginFailure(message, { isOver: false, isClientUnknown: clientCodes.includes(code), cause: undefined });
  }
}

interface FailureTraits {
  isOver: boolean;
  isClientUnknown?: boolean;
  cause: unknown;
}

/** Errors that say that the client is not known, or not for this. */
const clientCodes: readonly string[] = [OAuthErrorCode.InvalidClient, OAuthErrorCode.UnauthorizedClient];

function sentenceOf(error: unknown, { authority, redirectUri, hasClient, problem }: Circumstances): string {
  const host = hostOf(authority);
  const byHand = `Register a client there by hand, with the redirect address ${redirectUri}, and name it as "oauth": { "clientId": … } in the registry entry.`;
  if (error instanceof AddressRefusal) return error.message;
  if (RegistrationRejectedError.isInstance(error) && authority?.metadata === undefined && problem?.startsWith(resourceMetadata))
    return `was not logged in to: its ${problem}`;
  if (RegistrationRejectedError.isInstance(error) && authority?.metadata === undefined)
    return 'does not say where to log in to it. If it needs no login, leave "auth" out of its registry entry; if it takes a key, set that in its headers.';
  if (RegistrationRejectedError.isInstance(error))
    return `has an authorization server${host} that does not take this orchestrator as a client (HTTP ${error.status}). ${byHand}`;
  if (!hasClient && authority?.metadata !== undefined && authority.metadata.registration_endpoint === undefined)
    return `has an authorization server${host} where clients do not register by themselves. ${byHand}`;
  if (IssuerMismatchError.isInstance(error)) return `was not logged in to: ${issuersOf(error.expected, error.received)}`;
  if (AuthorizationServerMismatchError.isInstance(error))
    return `was not logged in to: ${issuersOf(error.recordedIssuer, error.currentIssuer)}`;
  if (InsecureTokenEndpointError.isInstance(error))
    return `has an authorization server${host} that takes tokens over plain http; nothing was sent to it.`;
  if (error instanceof OAuthError && error.code !== OAuthErrorCode.ServerError)
    return `has an authorization server${host} that answered ${bounded(error.code)}: ${bounded(error.message)}`;
  const which = problem === undefined ? "" : `: its ${problem.replace(/\.$/, "")}`;
  return `has an authorization server${host} that does not answer as one${which}. Try again later; if it stays so, check the url in the registry entry.`;
}

function issuersOf(expected: string = "", received: string | undefined): string {
  const other = received === undefined ? "named no issuer" : `is ${bounded(received)}`;
  return `another authorization server answered than the one that was asked: ${bounded(expected)} was expected, and the one that answered ${other}. If you did not expect this, do not log in.`;
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
  return withoutInvisible(cutText(text, loginLimits.strangerSentenceCharsMax));
}
