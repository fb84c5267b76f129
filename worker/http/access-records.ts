import type { Context, Next } from "hono";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { type AuditRecord, lineOf, timeOf } from "../../core/audit/record.ts";
import { type Bucket, takeToken } from "../../core/token-bucket.ts";
import { trailOf } from "../bindings.ts";
import { systemClock } from "../clock.ts";
import type { Refusal } from "./access/access.ts";
import { callerOf } from "./access/local.ts";
import type { Env } from "./env.ts";
import { renderPage } from "./page.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** By which rule the request was refused, and whose it was. */
    denial: { rule: string; principal?: string | undefined };
  }
}

type C = Context<{ Bindings: Env }>;

/** The statuses of refusals. */
const refusals = [401, 403, 429];

/** Records every refused request before it is answered, whichever route refused it. */
export async function recordDenials(c: C, next: Next): Promise<void> {
  await next();
  const { status } = c.res;
  // Whoever opens the page of the login has not been refused yet.
  const isLoginPage = c.req.method === "GET" && c.req.path === "/login";
  if (!refusals.includes(status) || isLoginPage) return;
  const counted = denials.take(systemClock.now());
  if (counted === 0) return;
  const { rule = `http_${status}`, principal } = c.get("denial") ?? {};
  await note(c, principal === undefined ? "strangers" : "records", {
    action: "denial",
    outcome: "not_started",
    ...{ rule, principal, status, endpoint: c.req.path, session: c.req.param("session"), caller: callerOf(c.req.raw) },
    ...(counted > 1 ? { count: counted } : {}),
  });
}

/** Why this request is refused, for its record. */
export function setDenial(c: C, { rule, principal }: Pick<Refusal, "rule" | "principal">): void {
  c.set("denial", { rule, principal });
}

/** Refuses a person at a browser. */
export function refusePage(c: C, refusal: Refusal): Promise<Response> {
  setDenial(c, refusal);
  return renderPage({ status: refusal.status, title: "Not allowed", text: refusal.message });
}

/** Records what concerns no single session. */
export async function note(c: C, of: "records" | "strangers", record: Omit<AuditRecord, "time" | "requestId">): Promise<void> {
  const line = lineOf({ time: timeOf(systemClock.now()), requestId: c.get("requestId"), ...record });
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
