import { type Context, Hono } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";
import { limits } from "../../../core/limits.ts";
import type { Viewer } from "../../console/shell.tsx";
import { allows, type Scope } from "../../scopes.ts";
import { authoriseBrowser, isOwnForm, type Visitor } from "../access/browser-access.ts";
import { doorOf } from "../access/door.ts";
import type { SessionAddress } from "../access/session-address.ts";
import { refusePage, setDenial } from "../access-records.ts";
import type { Env } from "../env.ts";
import { privateHeaders, renderPage } from "../page.ts";
import { readForm } from "../read-form.ts";
import { askForToken } from "./login.ts";
import { type Waiting, waitingFor } from "./waiting.ts";

export type C = Context<{ Bindings: Env }>;

/** Who asks for a page, and in which session. */
export interface Visit {
  visitor: Visitor;
  viewer: Viewer;
  address: SessionAddress;
  /** What waits for a person. Asked for by pages alone, and once: all sessions that have any answer. */
  waiting: () => Promise<Waiting>;
}

type Serve<More> = (c: C, visit: Visit & More) => Promise<Response>;

/** Routes of pages that only a person who may see them is served. A form that was not sent from one of these pages is refused. */
export class ConsoleRoutes {
  readonly routes = new Hono<{ Bindings: Env }>();

  get(path: string, needed: Scope, serve: Serve<object>): void {
    this.routes.get(path, (c) => answer(c, needed, (visit) => serve(c, visit)));
  }

  post(path: string, needed: Scope, serve: Serve<{ form: FormData }>): void {
    this.routes.post(path, (c) =>
      answer(c, needed, async (visit) => {
        // A program to run, with its arguments, is as large as one that is sent to /mcp.
        const form = await readForm(c.req.raw, limits.requestBytesMax);
        if (form instanceof Response) return form;
        if (isOwnForm(form, visit.visitor)) return serve(c, { ...visit, form });
        setDenial(c, { rule: "other_site", principal: visit.visitor.principal });
        return renderPage(foreignForm);
      }),
    );
  }
}

async function answer(c: C, needed: Scope, serve: (visit: Visit) => Promise<Response>): Promise<Response> {
  const access = await authoriseBrowser(c.req.raw, needed, doorOf(c.env));
  const { pathname, search } = new URL(c.req.url);
  if (access.kind === "login") return askForToken(c.env, c.req.method === "GET" ? pathname + search : "/");
  if (access.kind === "refused") return refusePage(c, access);
  const session = c.req.query("session") || "default";
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(session)) return renderPage(noSuchSession);
  const mayAdminister = allows(access.scopes, "mcp:admin");
  let asked: Promise<Waiting> | undefined;
  const waiting = () => {
    asked ??= waitingFor(c.env, access.principal);
    return asked;
  };
  const viewer = {
    session,
    formToken: access.formToken,
    mayRun: allows(access.scopes, "mcp:execute"),
    mayAdminister,
    countWaiting: async () => (mayAdminister ? countOf(await waiting()) : 0),
  };
  const response = await serve({ visitor: access, viewer, address: { principal: access.principal, session }, waiting });
  for (const [name, value] of Object.entries(access.headers)) response.headers.append(name, value);
  return response;
}

function countOf({ approvals, proposals }: Waiting): number {
  return approvals.length + proposals.length;
}

/** A text that was typed into a form. Browsers send line ends as CRLF. */
export function textIn(form: FormData, name: string): string {
  return String(form.get(name) ?? "").replaceAll("\r\n", "\n");
}

/** The same of a field of which there may be several, such as boxes to check: one a line. */
export function linesIn(form: FormData, name: string): string {
  const texts = form.getAll(name).map((text) => String(text).replaceAll("\r\n", "\n"));
  return texts.join("\n");
}

const noSuchSession = { status: 404, title: "No such session", text: "A session name is 1 to 64 letters, digits, - and _." };
const foreignForm = {
  status: 403,
  title: "Not from here",
  text: "This form is old, or was not opened from here. Open the page again.",
};

/** Back to a page after a form has changed something. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { Location: location } });
}

/**
 * Styles of single elements are allowed, because browsers set them while somebody types; they cannot run anything.
 * @param styleNonce with which a script of the page adds a style
 */
export async function show(content: JSX.Element, styleNonce: string = crypto.randomUUID()): Promise<Response> {
  // Of a page with an asynchronous part the text is a promise.
  const text = await (await content).toString();
  return new Response(`<!doctype html>${text}`, {
    headers: {
      ...privateHeaders,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${styleNonce}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      "X-Content-Type-Options": "nosniff",
    },
  });
}
