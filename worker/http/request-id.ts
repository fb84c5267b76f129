import type { Context, Next } from "hono";
import { newRequestId } from "../random-names.ts";
import { hideOwnSecrets } from "../settings.ts";
import type { Env } from "./env.ts";

declare module "hono" {
  interface ContextVariableMap {
    requestId: string;
  }
}

const header = "X-Request-Id";

/** Names each request, as its sender does or anew, so that it is found again in errors, logs and the audit. */
export async function identifyRequest(c: Context<{ Bindings: Env }>, next: Next): Promise<void> {
  const sent = c.req.header(header) ?? "";
  // Whoever sends a token as the id would have it in every log.
  const isGood = /^[\w.:=+/@-]{1,128}$/.test(sent) && hideOwnSecrets(c.env, sent) === sent;
  c.set("requestId", isGood ? sent : newRequestId());
  await next();
  c.res.headers.set(header, c.get("requestId"));
}
