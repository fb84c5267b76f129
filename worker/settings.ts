import { z } from "zod";
import { limits } from "../core/limits.ts";

/** The Worker's variables and secrets. */
export interface Variables {
  /** The bearer token for /mcp. */
  AUTH_TOKEN?: string;
  /** The bearer token for /bridge. */
  BRIDGE_TOKEN?: string;
  /** Encrypts the stored logins to remote servers. Without it, logins are switched off. */
  OAUTH_KEY?: string;
  /** The text of a registry file, which replaces the built-in one. */
  MCP_REGISTRY?: string;
}

const Settings = z.object({
  authToken: z.string().min(1).optional(),
  bridgeToken: z.string().min(1).optional(),
});

export type Settings = z.infer<typeof Settings>;

/** The secrets, read on every request. An empty one counts as not set. */
export function readSettings(env: Variables): Settings {
  return Settings.parse({ authToken: env.AUTH_TOKEN || undefined, bridgeToken: env.BRIDGE_TOKEN || undefined });
}

/** Undefined when OAUTH_KEY is missing, or too short to be a secret. */
export function oauthKeyOf({ OAUTH_KEY = "" }: Variables): string | undefined {
  return OAUTH_KEY.length < limits.oauthKeyCharsMin ? undefined : OAUTH_KEY;
}

/** Resolves the `${env:NAME}` references of registry entries. Strings only: a binding is not a secret. */
export function environmentOf(env: Variables): (name: string) => string | undefined {
  const secrets = new Map(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  return (name) => secrets.get(name);
}
