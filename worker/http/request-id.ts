import type { Context, Next } from "hono";
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
  c.set("requestId", /^[\w.:=+/@-]{1,128}$/.test(sent) ? sent : crypto.randomUUID());
  await next();
  c.res.headers.set(header, c.get("requestId"));
}
