import type { Context, Next } from "hono";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { type AuditRecord, lineOf, timeOf } from "../../core/audit/record.ts";
import { type Bucket, takeToken } from "../../core/token-bucket.ts";
import { trailOf } from "../bindings.ts";
import { systemClock } from "../clock.ts";
import { hideOwnSecrets } from "../settings.ts";
import type { AccessRule, Refusal } from "./access/access.ts";
import { callerOf } from "./access/local.ts";
import type { Env } from "./env.ts";
import { renderPage } from "./page.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** By which rule the request was refused, and whose it was. Undefined for one that was not. */
    denial: Denial | undefined;
  }
}

type C = Context<{ Bindings: Env }>;

interface Denial {
  rule: DenialRule;
  /** Where that is known. */
  principal?: string | undefined;
}

/**
 * Of access, and beside that: `body`, which was too large or too slow; `grant`, a code or a token that an OAuth client cannot redeem;
 * `identity`, a person who may not come in; `link`, the address of a login that is forged or too old; `other_browser`, the end of a login
 * that another one began; and `passphrase`, a wrong one.
 */
type DenialRule = AccessRule | "body" | "grant" | "identity" | "link" | "other_browser" | "passphrase";

/** The statuses of refusals that no route has explained. */
const refusals = [401, 403, 429];

/** Records every refused request before it is answered, whichever route refused it. */
export async function recordDenials(c: C, next: Next): Promise<void> {
  await next();
  const { status } = c.res;
  const denial = c.get("denial");
  // Whoever opens the page of the login has not been refused yet.
  const isLoginPage = c.req.method === "GET" && c.req.path === "/login";
  if (denial === undefined && (!refusals.includes(status) || isLoginPage)) return;
  const counted = denials.take(systemClock.now());
  if (counted === 0) return;
  const { rule = `http_${status}`, principal } = denial ?? {};
  await note(c, principal === undefined ? "strangers" : "records", {
    action: "denial",
    outcome: "not_started",
    ...{ rule, principal, status, endpoint: c.req.path, session: c.req.param("session"), caller: callerOf(c.req.raw) },
    ...(counted > 1 ? { count: counted } : {}),
  });
}

/** Why this request is refused, for its record. */
export function setDenial(c: C, { rule, principal }: Denial): void {
  c.set("denial", { rule, principal });
}

/** Refuses a person at a browser. */
export function refusePage(c: C, refusal: Refusal): Promise<Response> {
  setDenial(c, refusal);
  return renderPage({ status: refusal.status, title: "Not allowed", text: refusal.message });
}

/** Records what concerns no single session. A stranger may write anything into an address, also a token. */
export async function note(c: C, of: "records" | "strangers", record: Omit<AuditRecord, "time" | "requestId">): Promise<void> {
  const { endpoint, session, caller } = record;
  const hidden = Object.entries({ endpoint, session, caller }).map(([name, text]) => [name, text && hideOwnSecrets(c.env, text)]);
  const noted = { requestId: c.get("requestId"), ...record, ...Object.fromEntries(hidden) };
  const line = lineOf({ time: timeOf(systemClock.now()), ...noted });
  try {
    await trailOf(c.env).note(of, [line]);
  } catch (error) {
    // The caller is refused all the same.
    console.error({ event: "audit_not_written", line, error: String(error) });
  }
}

/** How many refusals the next record stands for: those that came faster than they are recorded are only counted. */
class Denials {
  #bucket: Bucket | undefined;
  #unwritten = 0;

  /** @returns 0 if this one is to be counted only */
  take(now: number): number {
    const { bucket, waitMs } = takeToken(this.#bucket, { perMinute: auditLimits.refusalsPerMinute, now });
    this.#bucket = bucket;
    this.#unwritten += 1;
    if (waitMs > 0) return 0;
    const counted = this.#unwritten;
    this.#unwritten = 0;
    return counted;
  }
}

const denials = new Denials();
