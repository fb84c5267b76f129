import { z } from "zod";
import { limits } from "../core/limits.ts";
import { isReserved } from "../core/registry/interpolation.ts";
import { createRedact, isNameOfSecret, type Redact, type Secret } from "../core/registry/redaction.ts";
import { type SavedMode, savedModes } from "../core/saved/saved-tools.ts";
import { type IdentitySettings, type IdentityVariables, readIdentity } from "./identity-settings.ts";
import { type OperatorSettings, type OperatorVariables, readOperator } from "./operator-settings.ts";

/** The Worker's variables and secrets. */
export interface Variables extends IdentityVariables, OperatorVariables {
  /** Encrypts the stored logins to remote servers. Without it, logins are switched off. */
  OAUTH_KEY?: string;
  /** The text of a registry file, which replaces the built-in one. */
  MCP_REGISTRY?: string;
  /** Whether programs may save programs as tools: off, read_only, ask or on. */
  SAVED_TOOLS?: string;
  /** `off`: no person is asked about calls. Left out: on. */
  APPROVALS?: string;
}

/** Who may call, and what the operator bounds. With a problem in either nobody gets in. */
export interface Settings extends IdentitySettings {
  operator: OperatorSettings;
}

const parsed = new WeakMap<Variables, Settings>();

/** Read once for each environment. An empty variable counts as not set. */
export function readSettings(env: Variables): Settings {
  const known = parsed.get(env) ?? readAll(env);
  parsed.set(env, known);
  return known;
}

/** Only the one word switches it off: a misspelt one does not. */
export function asksForApproval({ APPROVALS }: Variables): boolean {
  return APPROVALS?.trim().toLowerCase() !== "off";
}

function readAll(env: Variables): Settings {
  const identity = readIdentity(env);
  const operator = readOperator(env);
  return { ...identity, operator, problems: [...identity.problems, ...operator.problems] };
}

/** Undefined when OAUTH_KEY is missing, or too short to be a secret. */
export function oauthKeyOf({ OAUTH_KEY = "" }: Variables): string | undefined {
  return OAUTH_KEY.length < limits.oauthKeyCharsMin ? undefined : OAUTH_KEY;
}

/** Resolves the `${env:NAME}` references of registry entries. Strings only: a binding is not a secret. Never an own secret. */
export function environmentOf(env: Variables): (name: string) => string | undefined {
  const secrets = z.record(z.string(), z.unknown()).parse(env);
  return (name) => {
    const value = isReserved(name) || !Object.hasOwn(secrets, name) ? undefined : secrets[name];
    return typeof value === "string" ? value : undefined;
  };
}

/** How programs may be saved. A word that is none of the four is the strictest that still calls what is saved. */
export function savedModeOf({ SAVED_TOOLS = "" }: Variables): SavedMode {
  const word = SAVED_TOOLS.trim().toLowerCase();
  if (word === "") return "on";
  return savedModes.find((mode) => mode === word) ?? "read_only";
}

/** The orchestrator's own secrets, which no record may hold. */
export function ownSecretsOf(env: Variables): Secret[] {
  const values = z.record(z.string(), z.unknown()).parse(env);
  return Object.entries(values).flatMap(([name, value]) =>
    isReserved(name) && isNameOfSecret(name) && typeof value === "string" && value !== "" ? [{ name, value }] : [],
  );
}

const redacts = new WeakMap<Variables, Redact>();

/** Hides the orchestrator's own secrets in a text. */
export function hideOwnSecrets(env: Variables, text: string): string {
  const redact = redacts.get(env) ?? createRedact(ownSecretsOf(env)) ?? ((innocent: string) => innocent);
  redacts.set(env, redact);
  return redact(text);
}
