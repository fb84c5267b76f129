import { z } from "zod";
import { limits } from "../core/limits.ts";
import { isReserved } from "../core/registry/interpolation.ts";
import { type IdentitySettings, type IdentityVariables, readIdentity } from "./identity-settings.ts";

/** The Worker's variables and secrets. */
export interface Variables extends IdentityVariables {
  /** Encrypts the stored logins to remote servers. Without it, logins are switched off. */
  OAUTH_KEY?: string;
  /** The text of a registry file, which replaces the built-in one. */
  MCP_REGISTRY?: string;
}

const parsed = new WeakMap<Variables, IdentitySettings>();

/** Who may call, read once for each environment. An empty variable counts as not set. */
export function readSettings(env: Variables): IdentitySettings {
  const known = parsed.get(env) ?? readIdentity(env);
  parsed.set(env, known);
  return known;
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
