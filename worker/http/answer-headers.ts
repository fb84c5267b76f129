import type { Context, Next } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { Env } from "./env.ts";

/**
 * What browsers are told about every answer. Pages set their own policy for content, and what they set themselves stays. Nothing is
 * cached, because everything is for one caller.
 */
export const secureAnswers = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: "DENY",
  overwrite: false,
});

/** Responses that come from elsewhere, such as a bridge's socket from its session, have headers that cannot be changed. */
export async function changeableHeaders(c: Context<{ Bindings: Env }>, next: Next): Promise<void> {
  await next();
  const { body, status, headers, webSocket } = c.res;
  const isNoStore = headers.has("Cache-Control");
  const response = webSocket
    ? new Response(null, { status, headers: new Headers(headers), webSocket })
    : new Response(body, { status, headers: new Headers(headers) });
  if (!isNoStore) response.headers.set("Cache-Control", "no-store");
  c.res = undefined;
  c.res = response;
}
