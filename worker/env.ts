import { z } from "zod";
import type { Session } from "./objects/session.ts";
import type { Sandbox } from "./sandbox/entrypoint.ts";

/** Bindings and variables as wrangler.toml declares them, and the secrets that make the Worker answer beyond loopback. */
export interface Env {
  SESSIONS: DurableObjectNamespace<Session>;
  SANDBOX: Service<typeof Sandbox>;
  LOADER: WorkerLoader;
  ASSETS: Fetcher;
  /** Opens /mcp to callers that present it. */
  AUTH_TOKEN?: string;
  /** Opens /bridge to the bridge that presents it. */
  BRIDGE_TOKEN?: string;
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

/** Looks up what a registry entry refers to by `${env:NAME}`. Only strings: bindings are not secrets. */
export function environmentOf(env: Env): (name: string) => string | undefined {
  const secrets = new Map(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  return (name) => secrets.get(name);
}
