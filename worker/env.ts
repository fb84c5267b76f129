import { z } from "zod";
import { limits } from "../core/limits.ts";
import type { Session } from "./objects/session.ts";
import type { Compiler } from "./sandbox/compiler-entrypoint.ts";
import type { Sandbox } from "./sandbox/entrypoint.ts";

/** Bindings and variables as wrangler.toml declares them, and the secrets that make the Worker answer beyond loopback. */
export interface Env {
  SESSIONS: DurableObjectNamespace<Session>;
  /** Where programs are type-checked. */
  COMPILER: Service<typeof Compiler>;
  /** Loads the isolates in which programs run. Not under `npm start`, where that is done apart. */
  LOADER?: WorkerLoader;
  /** Two processes where programs run instead, the second for while one in the first spins. Only under `npm start`. */
  SANDBOX?: Service<typeof Sandbox>;
  SANDBOX_SPARE?: Service<typeof Sandbox>;
  /** Where both processes are watched and replaced: the address of the sandbox host. Only under `npm start`. */
  SANDBOX_HOST?: string;
  /** Opens /mcp to callers that present it. */
  AUTH_TOKEN?: string;
  /** Opens /bridge to the bridge that presents it. */
  BRIDGE_TOKEN?: string;
  /** Encrypts what sessions keep of logins to remote servers; without it nobody logs in. */
  OAUTH_KEY?: string;
  /** The text of a registry file, instead of the one built in. */
  MCP_REGISTRY?: string;
}

const Settings = z.object({
  authToken: z.string().min(1).optional(),
  bridgeToken: z.string().min(1).optional(),
});
export type Settings = z.infer<typeof Settings>;

/** The secrets, read once per request; an empty one counts as not set. */
export function readSettings(env: Env): Settings {
  return Settings.parse({ authToken: env.AUTH_TOKEN || undefined, bridgeToken: env.BRIDGE_TOKEN || undefined });
}

/** Undefined when it is not set, or too short to be a secret. */
export function oauthKeyOf({ OAUTH_KEY = "" }: Env): string | undefined {
  return OAUTH_KEY.length < limits.oauthKeyCharsMin ? undefined : OAUTH_KEY;
}

/** Under `npm start`: Worker, bridge and secrets are one user's, on one machine. */
export function isLocal(env: Env): boolean {
  return env.SANDBOX_HOST !== undefined;
}

/** Looks up what a registry entry refers to by `${env:NAME}`. Only strings: bindings are not secrets. */
export function environmentOf(env: Env): (name: string) => string | undefined {
  const secrets = new Map(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  return (name) => secrets.get(name);
}
