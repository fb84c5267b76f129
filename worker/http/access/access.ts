import type { Settings } from "../../settings.ts";

/** The one owner of a deployment, until there are accounts. Sessions are named `<principal>/<session>`. */
export const owner = "owner";

export type Access = { kind: "granted"; principal: string } | { kind: "refused"; status: 401 | 403; message: string };

type Door = "mcp" | "bridge";

/**
 * Who may come in. Closed unless opened: without a secret, /mcp answers only a caller on this very machine, and /bridge
 * nobody.
 */
export async function authorise(request: Request, { door, settings }: { door: Door; settings: Settings }): Promise<Access> {
  const origin = refuseForeignOrigin(request);
  if (origin) return origin;
  const token = door === "mcp" ? settings.authToken : settings.bridgeToken;
  if (token === undefined) {
    if (door === "mcp" && isFromThisMachine(request)) return granted;
    return { kind: "refused", status: 403, message: notConfigured[door] };
  }
  const presented = /^Bearer (.+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  if (presented !== undefined && (await isEqual(presented, token))) return granted;
  return { kind: "refused", status: 401, message: wrongToken[door] };
}

const granted: Access = { kind: "granted", principal: owner };

const notConfigured: Record<Door, string> = {
  mcp: "This orchestrator is closed: it answers other machines only once AUTH_TOKEN is set. Run: npx wrangler secret put AUTH_TOKEN",
  bridge:
    "No bridge may connect until BRIDGE_TOKEN is set. npm start does that by itself; for a Worker of your own run: npx wrangler secret put BRIDGE_TOKEN",
};
const wrongToken: Record<Door, string> = {
  mcp: "Send `Authorization: Bearer <AUTH_TOKEN>` with the token this orchestrator was given.",
  bridge: "Start the bridge with the BRIDGE_TOKEN this orchestrator was given.",
};

/**
 * A web page may not talk to a server on the user's machine behind their back (MCP spec, transports, Security Warning).
 * Callers that are no browsers send no Origin.
 */
function refuseForeignOrigin(request: Request): Access | undefined {
  const origin = request.headers.get("Origin");
  if (origin === null) return undefined;
  const hostname = URL.canParse(origin) ? new URL(origin).hostname : "";
  if (isLoopback(hostname) || hostname === new URL(request.url).hostname) return undefined;
  return { kind: "refused", status: 403, message: `Requests from the web origin ${origin.slice(0, 100)} are not accepted.` };
}

/**
 * The Host is loopback and, where the runtime says who called, so is the caller. On Cloudflare the caller's address is
 * always a public one, so a deployed Worker never takes this door whatever Host it is sent.
 */
function isFromThisMachine(request: Request): boolean {
  const caller = request.headers.get("CF-Connecting-IP");
  return isLoopback(new URL(request.url).hostname) && (caller === null || isLoopback(caller));
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || bare === "::ffff:127.0.0.1" || /^127(?:\.\d{1,3}){3}$/.test(bare);
}

/** In constant time, lengths included: both sides are hashed first. */
async function isEqual(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map((text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
  return left !== undefined && right !== undefined && crypto.subtle.timingSafeEqual(left, right);
}
