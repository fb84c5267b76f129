import type { Context } from "hono";
import { z } from "zod";
import { systemClock } from "../../clock.ts";
import type { Refusal } from "../access/access.ts";
import { authoriseBrowser, authoriseCommand, isOwnForm, type Visitor } from "../access/browser-access.ts";
import { doorOf } from "../access/door.ts";
import { refusePage, setDenial } from "../access-records.ts";
import type { Env } from "../env.ts";
import { httpLimits } from "../http-limits.ts";
import { renderPage } from "../page.ts";
import { readBody } from "../read-body.ts";
import { readForm } from "../read-form.ts";
import { askForToken } from "./login.ts";

type C = Context<{ Bindings: Env }>;

/** Who decides: a person in a browser, who gets pages, or a command with a token, which gets JSON. Both need `mcp:admin`. */
export type Decider = { kind: "browser"; visitor: Visitor } | { kind: "command"; principal: string };

export async function deciderOf(c: C): Promise<Decider | Response> {
  if (c.req.header("Authorization") !== undefined || wantsJson(c)) {
    const access = await authoriseCommand(c.req.raw, "mcp:admin", doorOf(c.env));
    return access.kind === "refused" ? refuse(c, access) : { kind: "command", principal: access.principal };
  }
  const visitor = await authoriseBrowser(c.req.raw, "mcp:admin", doorOf(c.env));
  switch (visitor.kind) {
    case "login":
      return askForToken(c.env, new URL(c.req.url).pathname);
    case "refused":
      return refusePage(c, visitor);
    case "granted":
      return { kind: "browser", visitor };
  }
}

function wantsJson(c: C): boolean {
  return c.req.header("Accept")?.startsWith("application/json") === true;
}

export function principalOf(decider: Decider): string {
  return decider.kind === "command" ? decider.principal : decider.visitor.principal;
}

/** Who decides, and what: read, and refused where it is none of the decisions. */
export async function decisionOf<T>(c: C, decisions: z.ZodType<T>): Promise<Decided<T> | Response> {
  const decider = await deciderOf(c);
  if (decider instanceof Response) return decider;
  const fields = await fieldsOf(c, decider);
  if (fields instanceof Response) return fields;
  const read = decisions.safeParse(fields);
  if (read.success) return { decider, decision: read.data };
  return answer(decider, { status: 400, title: "Not understood", text: z.prettifyError(read.error) });
}

interface Decided<T> {
  decider: Decider;
  decision: T;
}

/** What was decided, from a form of a page of ours or as JSON; or why it cannot be read. */
async function fieldsOf(c: C, decider: Decider): Promise<Record<string, unknown> | Response> {
  if (decider.kind === "command") {
    const body = await readBody(c.req.raw.body, { bytesMax: httpLimits.formBytesMax, ms: httpLimits.bodyMs, clock: systemClock });
    if (body.kind === "text") return fieldsIn(body.text);
    const [status, title] = body.kind === "too_large" ? [413, "Too large"] : [408, "Too slow"];
    return answer(decider, { status, title, text: "That is no decision." });
  }
  const form = await readForm(c.req.raw);
  if (form instanceof Response) return form;
  if (isOwnForm(form, decider.visitor)) return Object.fromEntries(form);
  setDenial(c, { rule: "other_site", principal: decider.visitor.principal });
  return renderPage({ status: 403, title: "Not from here", text: "This page was not opened from here. Open it again." });
}

function fieldsIn(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch {
    // Refused below, like any other body that is no decision.
    return {};
  }
}

/** The outcome, as a page or as JSON. */
export function answer(decider: Decider, page: { status: number; title: string; text: string }): Promise<Response> | Response {
  return decider.kind === "command" ? json({ title: page.title, message: page.text }, page.status) : renderPage(page);
}

function refuse(c: C, refusal: Refusal): Response {
  setDenial(c, refusal);
  const { status, message, headers } = refusal;
  return json({ title: "Not allowed", message }, status, headers);
}

export function json(value: object, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(value, { status, headers: { "Cache-Control": "no-store", ...headers } });
}
