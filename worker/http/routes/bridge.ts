import type { Context } from "hono";
import { originOf } from "../access/origin.ts";
import { type SessionAddress, sessionAt } from "../access/session-address.ts";
import type { Env } from "../env.ts";

/** `/bridge`: passes the bridge's WebSocket to the session object. */
export function serveBridge(c: Context<{ Bindings: Env }>, address: SessionAddress): Promise<Response> | Response {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    return c.text("The bridge connects here with a WebSocket: npm run bridge -- start --url <url>\n", 426, {
      Upgrade: "websocket",
    });
  }
  // The session takes the address of its logins from this request.
  const { pathname, search } = new URL(c.req.url);
  return sessionAt(c.env, address).fetch(new Request(`${originOf(c)}${pathname}${search}`, c.req.raw));
}
