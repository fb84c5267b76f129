import type { Context } from "hono";
import { wrongTokenMessage } from "../access/access.ts";
import type { Env } from "../env.ts";
import { renderPage } from "../page.ts";

type C = Context<{ Bindings: Env }>;

/*
 * A client that is refused with 401 takes for granted that it can log in: it looks for the metadata of an authorization server,
 * registers itself at the default addresses (MCP authorization 2025-03-26, Fallbacks), and prints what it is answered last. This
 * orchestrator has no login, so each of these addresses says what the client's user has to do.
 */

/** The metadata documents: there are none. Any status but 404 would end the search of some clients with their own words. */
export function serveNoMetadata(c: C): Response {
  return c.json(explanation, 404);
}

/** `/register` and `/token`: an OAuth error, whose description clients print. */
export function refuseLogin(c: C): Response {
  return c.json(explanation, 400, { "Cache-Control": "no-store" });
}

/** `/authorize`, which a client that has registered elsewhere or before opens in a browser. */
export function explainLogin(_c: C): Promise<Response> {
  return renderPage({ status: 400, title: "There is no login here", text: wrongTokenMessage });
}

/** RFC 6749, 5.2. Not `invalid_client` or `unauthorized_client`, at which clients forget what they have and try again. */
const explanation = { error: "access_denied", error_description: wrongTokenMessage };
