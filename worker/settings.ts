import { z } from "zod";
import { limits } from "../core/limits.ts";

/** Variables and secrets of the Worker. */
export interface Variables {
  /** Opens /mcp to callers that present it. */
  AUTH_TOKEN?: string;
  /** Opens /bridge to the bridge that presents it. */
  BRIDGE_TOKEN?: string;
  /** Encrypts what sessions keep of logins to remote servers; without it nobody logs in. */
  OAUTH_KEY?: string;
  /** The text of a registry file, instead of the one built in. */
  MCP_REGISTRY?: string;
  /** Where the sandbox processes are watched and replaced: the address of the sandbox host. Only under `npm start`. */
  SANDBOX_HOST?: string;
}

const Settings = z.object({
  authToken: z.string().min(1).optional(),
  bridgeToken: z.string().min(1).optional(),
});

export type Settings = z.infer<typeof Settings>;

/** The secrets, read once per request; an empty one counts as not set. */
export function readSettings(env: Variables): Settings {
  return Settings.parse({ authToken: env.AUTH_TOKEN || undefined, bridgeToken: env.BRIDGE_TOKEN || undefined });
}

/** Undefined when it is not set, or too short to be a secret. */
export function oauthKeyOf({ OAUTH_KEY = "" }: Variables): string | undefined {
  return OAUTH_KEY.length < limits.oauthKeyCharsMin ? undefined : OAUTH_KEY;
}

/** Under `npm start`: Worker, bridge and secrets are one user's, on one machine. */
export function isLocal(env: Variables): boolean {
  return env.SANDBOX_HOST !== undefined;
}

/** Looks up what a registry entry refers to by `${env:NAME}`. Only strings: bindings are not secrets. */
export function environmentOf(env: Variables): (name: string) => string | undefined {
  const secrets = new Map(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  return (name) => secrets.get(name);
}
