import type { Context } from "hono";
import type { Env } from "../env.ts";
import { doorOf } from "./door.ts";

/**
 * The origin under which people reach this orchestrator: PUBLIC_URL, or else the host of this request. The latter is to be used
 * only of a request that was let in, because anybody can send any Host.
 */
export function originOf({ env, req }: Context<{ Bindings: Env }>): string {
  return doorOf(env).settings.publicOrigin ?? new URL(req.url).origin;
}
