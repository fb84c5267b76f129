import type { Context } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";
import { TrieRouter } from "hono/router/trie-router";
import { tryDecodeURIComponent } from "hono/utils/url";
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
  /** The part of the path that stands for one thing of many, as `:run` does; empty where there is none. */
  named: string;
}

type Serve<More> = (c: C, visit: Visit & More) => Promise<Response>;
type Handler = (c: C, named: string) => Promise<Response>;

/**
 * Routes of pages that only a person who may see them is served. A form that was not sent from one of these pages is refused. They are matched
 * here, because they are loaded when the app has long been serving, and it takes no more routes then.
 */
export class ConsoleRoutes {
  readonly #router = new TrieRouter<Handler>();
  readonly #all: { method: string; path: string }[] = [];

  /** All of them, in the order in which they were added. */
  get all(): readonly { method: string; path: string }[] {
    return this.#all;
  }

  /** @returns undefined if there is no such route */
  async answer(c: C): Promise<Response | undefined> {
    // The app takes the body off what is answered to HEAD.
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    const [found] = this.#router.match(method, c.req.path)[0];
    if (found === undefined) return undefined;
    const [handler, parts] = found;
    const [named = ""] = Object.values(parts);
    return handler(c, tryDecodeURIComponent(String(named)));
  }

  /** What is no secret, and asks nobody to log in. */
  getForAnybody(path: string, serve: (env: Env, named: string) => Promise<Response>): void {
    this.#add("GET", path, (c, named) => serve(c.env, named));
  }

  get(path: string, needed: Scope, serve: Serve<object>): void {
    this.#add("GET", path, (c, named) => answer(c, { needed, named }, (visit) => serve(c, visit)));
  }

  post(path: string, needed: Scope, serve: Serve<{ form: FormData }>): void {
    this.#add("POST", path, (c, named) =>
      answer(c, { needed, named }, async (visit) => {
        // A program to run, with its arguments, is as large as one that is sent to /mcp.
        const form = await readForm(c.req.raw, limits.requestBytesMax);
        if (form instanceof Response) return form;
        if (isOwnForm(form, visit.visitor)) return serve(c, { ...visit, form });
        setDenial(c, { rule: "other_site", principal: visit.visitor.principal });
        return renderPage(foreignForm);
      }),
    );
  }

  #add(method: string, path: string, handler: Handler): void {
    this.#router.add(method, path, handler);
    this.#all.push({ method, path });
  }
}

interface Asked {
  needed: Scope;
  named: string;
}

async function answer(c: C, { needed, named }: Asked, serve: (visit: Visit) => Promise<Response>): Promise<Response> {
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
  const response = await serve({ visitor: access, viewer, address: { principal: access.principal, session }, waiting, named });
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
