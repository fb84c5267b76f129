import { connect } from "node:tls";
import { isLoopback } from "../../core/loopback.ts";
import { type Check, type Finding, failed, ok, oneLine, skipped, warning } from "./finding.ts";
import { type Answer, get, listTools, messageOf, tokenFindings } from "./orchestrator.ts";

export interface DeploymentOptions {
  url: URL;
  /** AUTH_TOKEN and BRIDGE_TOKEN of the environment. */
  authToken: string | undefined;
  bridgeToken: string | undefined;
  version: string;
  now: () => number;
}

const secretPut = (name: string) => `npx wrangler secret put ${name} --env production`;

/** What can be seen of a deployment from outside. */
export function deploymentChecks(options: DeploymentOptions): Check[] {
  const { url, now } = options;
  if (url.protocol !== "https:" && !isLoopback(url.hostname)) {
    const finding = failed(
      "https",
      `${url.origin} is not encrypted: it refuses every token that comes this way.`,
      "use its https address",
    );
    return [{ name: "https", run: async () => [finding] }];
  }
  return [
    { name: "https", run: async (signal) => [await certificateFinding(url, { now: now(), signal })] },
    { name: "alive", run: (signal) => health(url, signal) },
    {
      name: "closed",
      async run(signal) {
        const answer = await get(new URL("/mcp", url), { signal, method: "POST", body: listTools });
        if (answer.kind === "failed") return [skipped("closed", `/mcp does not answer: ${answer.why}`)];
        return [closedFinding(answer, url), ...(await loginFindings(url, signal))];
      },
    },
    {
      name: "token",
      run: (signal) => tokenFindings(url, { ...options, token: options.authToken, signal, restart: "npm run deploy" }),
    },
    { name: "bridge", run: async (signal) => [await bridgeFinding(url, { token: options.bridgeToken, signal })] },
  ];
}

/** Certificates are renewed by whoever made them, but not always. */
const soonMs = 14 * 24 * 60 * 60 * 1_000;

function certificateFinding(url: URL, { now, signal }: { now: number; signal: AbortSignal }): Promise<Finding> {
  if (url.protocol !== "https:") return Promise.resolve(skipped("https", `${url.origin} is this machine`));
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = connect({ host, port: Number(url.port || 443), ...(/[a-z]/i.test(host) && { servername: host }) });
    const done = (finding: Finding) => {
      socket.destroy();
      resolve(finding);
    };
    const mend = "correct the address or its certificate; for a network with its own: NODE_EXTRA_CA_CERTS=<file>";
    signal.addEventListener("abort", () => done(failed("https", `${url.host} does not answer in time.`, mend)), { once: true });
    socket.once("error", (error) => done(failed("https", `${url.host}: ${oneLine(error.message)}`, mend)));
    socket.once("secureConnect", () => {
      const until = Date.parse(socket.getPeerCertificate().valid_to);
      const day = new Date(until).toISOString().slice(0, 10);
      done(
        until - now < soonMs
          ? warning("https", `the certificate ends on ${day}.`, "have it renewed where it was made")
          : ok("https", `the certificate is valid until ${day}`),
      );
    });
  });
}

async function health(url: URL, signal: AbortSignal): Promise<Finding[]> {
  const alive = await get(new URL("/livez", url), { signal });
  if (alive.kind === "failed")
    return [failed("alive", `${url.origin} does not answer: ${alive.why}`, "npm run deploy, or correct --url")];
  if (alive.status !== 200 || alive.text !== "ok\n") {
    return [
      failed(
        "alive",
        `what answers at ${url.origin} is no orchestrator (/livez: ${alive.status}).`,
        "npm run deploy, or correct --url",
      ),
    ];
  }
  const ready = await get(new URL("/readyz", url), { signal });
  if (ready.kind === "answered" && ready.status === 200) return [ok("alive", "it answers"), ok("ready", "programs can be read")];
  const why = ready.kind === "answered" ? ready.text.trim().slice(0, 200) : ready.why;
  return [
    ok("alive", "it answers"),
    failed("ready", `not ready: ${why}`, "npx wrangler tail --env production, and npm run deploy again"),
  ];
}

/** Whether it refuses a stranger, and because of what. */
function closedFinding(answer: Answer & { kind: "answered" }, url: URL): Finding {
  switch (answer.status) {
    case 401:
      return ok("closed", "a caller without a token is refused");
    case 403:
      return failed("closed", "nobody can come in: no token and no login is set.", secretPut("AUTH_TOKEN"));
    case 503:
      return failed("closed", messageOf(answer.text), "correct that setting, then npm run deploy");
    case 200:
      return isLoopback(url.hostname)
        ? warning("closed", "every program of this machine is let in.", "npm start without --no-token")
        : failed("closed", "everybody is let in.", secretPut("AUTH_TOKEN"));
    default:
      return failed("closed", `/mcp answers ${answer.status}: ${messageOf(answer.text)}`, "npm run deploy, or correct --url");
  }
}

/** The login of MCP clients: its documents, which need KV, and what they say. */
async function loginFindings(url: URL, signal: AbortSignal): Promise<Finding[]> {
  const resource = await document(new URL("/.well-known/oauth-protected-resource", url), signal);
  if (resource === undefined) return [ok("login", "off; clients need a token")];
  const mend = "set PUBLIC_URL to the address that clients use, then npm run deploy";
  if (resource.resource !== url.origin) {
    return [failed("login", `clients are told to log in at ${String(resource.resource)}, and this is ${url.origin}.`, mend)];
  }
  const server = await document(new URL("/.well-known/oauth-authorization-server", url), signal);
  if (server === undefined)
    return [
      failed("login", "the authorization server's metadata is missing.", "bind OAUTH_KV in wrangler.toml, then npm run deploy"),
    ];
  const found = ok("login", "clients can log in");
  if (server.client_id_metadata_document_supported === true) return [found];
  const flag = 'compatibility_flags = ["global_fetch_strictly_public"] in wrangler.toml, then npm run deploy';
  return [found, warning("flags", "clients cannot name themselves by a metadata document; they register.", flag)];
}

async function document(url: URL, signal: AbortSignal): Promise<Record<string, unknown> | undefined> {
  const answer = await get(url, { signal });
  if (answer.kind === "failed" || answer.status !== 200) return undefined;
  try {
    const value: unknown = JSON.parse(answer.text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    // Something else answers there.
    return undefined;
  }
}

/** An ordinary request to the bridge's door is told to come with a WebSocket, once it is let in. */
async function bridgeFinding(url: URL, { token, signal }: { token: string | undefined; signal: AbortSignal }): Promise<Finding> {
  const answer = await get(new URL("/bridge", url), { signal, token });
  if (answer.kind === "failed") return skipped("bridge", `/bridge does not answer: ${answer.why}`);
  if (answer.status === 426) return ok("bridge", "BRIDGE_TOKEN opens /bridge");
  if (answer.status === 401 && token === undefined) return skipped("bridge", "set BRIDGE_TOKEN here to try it");
  if (answer.status === 401) return failed("bridge", "BRIDGE_TOKEN is refused.", secretPut("BRIDGE_TOKEN"));
  if (answer.status === 403) return skipped("bridge", `no bridge may connect. For stdio servers: ${secretPut("BRIDGE_TOKEN")}`);
  return failed("bridge", `/bridge answers ${answer.status}: ${messageOf(answer.text)}`, "npm run deploy, or correct --url");
}
