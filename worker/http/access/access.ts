import type { Settings } from "../../settings.ts";

/** The one owner of a deployment, until there are accounts. Sessions are named `<principal>/<session>`. */
export const owner = "owner";

export type Access = { kind: "granted"; principal: string } | { kind: "refused"; status: 401 | 403; message: string };

type Endpoint = "mcp" | "bridge";

/**
 * Decides whether a caller may use an endpoint. Closed by default: without its secret, /mcp answers only callers on the same
 * machine, and /bridge answers nobody.
 */
export async function authorise(
  request: Request,
  { endpoint, settings }: { endpoint: Endpoint; settings: Settings },
): Promise<Access> {
  const origin = refuseForeignOrigin(request);
  if (origin) return origin;
  const token = endpoint === "mcp" ? settings.authToken : settings.bridgeToken;
  if (token === undefined) {
    if (endpoint === "mcp" && isFromThisMachine(request)) return granted;
    return { kind: "refused", status: 403, message: notConfigured[endpoint] };
  }
  const presented = /^Bearer (.+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  if (presented !== undefined && (await isEqual(presented, token))) return granted;
  return { kind: "refused", status: 401, message: wrongToken[endpoint] };
}

const granted: Access = { kind: "granted", principal: owner };

const notConfigured: Record<Endpoint, string> = {
  mcp: "This orchestrator is closed: it answers other machines only once AUTH_TOKEN is set. Run: npx wrangler secret put AUTH_TOKEN",
  bridge:
    "No bridge may connect until BRIDGE_TOKEN is set. npm start does that by itself; for a Worker of your own run: npx wrangler secret put BRIDGE_TOKEN",
};
/** For whoever has no token or a wrong one, through every client. */
export const wrongTokenMessage =
  'This orchestrator needs its access token, and has no login: send the header `Authorization: Bearer <AUTH_TOKEN>` with the AUTH_TOKEN that it was given. In Claude Code: claude mcp add --transport http orchestrator <url> --header "Authorization: Bearer <AUTH_TOKEN>"; in the plugin, set MCP_ORCHESTRATOR_TOKEN.';
const wrongToken: Record<Endpoint, string> = {
  mcp: wrongTokenMessage,
  bridge: "Start the bridge with the BRIDGE_TOKEN this orchestrator was given.",
};

/**
 * Protects against DNS rebinding: a web page must not reach a server on the user's machine (MCP spec, transports, Security
 * Warning). Callers other than browsers send no Origin.
 */
function refuseForeignOrigin(request: Request): Access | undefined {
  const origin = request.headers.get("Origin");
  if (origin === null) return undefined;
  const hostname = URL.canParse(origin) ? new URL(origin).hostname : "";
  if (isLoopback(hostname) || hostname === new URL(request.url).hostname) return undefined;
  return { kind: "refused", status: 403, message: `Requests from the web origin ${origin.slice(0, 100)} are not accepted.` };
}

/**
 * The Host is loopback and so is the caller's address, where the runtime gives one. On Cloudflare the caller's address is
 * always public, so this is never true of a deployed Worker, whatever Host a caller sends.
 */
function isFromThisMachine(request: Request): boolean {
  const caller = request.headers.get("CF-Connecting-IP");
  return isLoopback(new URL(request.url).hostname) && (caller === null || isLoopback(caller));
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || bare === "::ffff:127.0.0.1" || /^127(?:\.\d{1,3}){3}$/.test(bare);
}

/** Compares hashes in constant time, so that neither content nor length leaks. */
async function isEqual(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map((text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
  return left !== undefined && right !== undefined && crypto.subtle.timingSafeEqual(left, right);
}
