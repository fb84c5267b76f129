import type { Context } from "hono";
import { type SessionAddress, sessionAt } from "../access/session-address.ts";
import type { Env } from "../env.ts";

/** `/bridge`: passes the bridge's WebSocket to the session object. */
export function serveBridge(c: Context<{ Bindings: Env }>, address: SessionAddress): Promise<Response> | Response {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    return c.text("The bridge connects here with a WebSocket: npm run bridge -- start --url <url>\n", 426, {
      Upgrade: "websocket",
    });
  }
  return sessionAt(c.env, address).fetch(c.req.raw);
}
