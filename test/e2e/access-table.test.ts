import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type PlainWorker, startPlainWorker } from "../support/plain-worker.ts";
import { routesOfWorker } from "../support/reference/declared.ts";

/* Every endpoint and tool, with every kind of token: exactly what should work works. */

const ownerToken = "the-owners-token-of-at-least-32-characters";
const bridgeToken = "the-token-of-the-bridge";
const issuer = "https://issuer.example";
const audience = "https://mcp.example.com";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let worker: PlainWorker;
let keys: ReturnType<typeof createServer>;
const tokens = new Map<string, string>([
  ["no token", ""],
  ["a wrong token", "wrong"],
  ["the owner's token", ownerToken],
  ["the bridge's token", bridgeToken],
  ["a token that may read", "reads"],
  ["a token that may run", "runs"],
  ["a token that may only be a bridge", "bridges"],
  ["a token that may only administer", "administers"],
  ["a token that has expired", "expired"],
]);

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" }] };
  keys = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(jwks));
  });
  keys.listen(0, "127.0.0.1");
  await once(keys, "listening");
  const sign = (claims: object, expires = "5m") =>
    new SignJWT({ iss: issuer, aud: audience, sub: "anna", scope: "mcp:execute", ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .setExpirationTime(expires)
      .sign(privateKey);
  tokens.set("a JWT that may run", await sign({}));
  tokens.set("a JWT that has expired", await sign({}, "-2m"));
  tokens.set("a JWT for another audience", await sign({ aud: "https://other.example" }));
  tokens.set("a JWT with half of its signature", (await sign({})).slice(0, -43));
  tokens.set("a JWT without a scope of ours", await sign({ scope: "other" }));
  const named = (name: string, scope: string, more: object = {}) => ({ name, sha256: sha256(name), scopes: [scope], ...more });
  const variables = {
    AUTH_TOKEN: ownerToken,
    BRIDGE_TOKEN: bridgeToken,
    AUTH_TOKENS: JSON.stringify([
      named("reads", "mcp:read"),
      named("runs", "mcp:execute"),
      named("bridges", "mcp:bridge"),
      named("administers", "mcp:admin"),
      named("expired", "mcp:execute", { until: "2026-01-01" }),
    ]),
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: audience,
    JWT_JWKS_URL: `http://127.0.0.1:${(keys.address() as AddressInfo).port}/`,
  };
  worker = await startPlainWorker(...Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}:${value}`]));
});

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  keys?.close();
});

const headersOf = (who: string): Record<string, string> => {
  const token = tokens.get(who);
  if (token === undefined) throw new Error(`nobody has ${who}`);
  return token === "" ? {} : { Authorization: `Bearer ${token}` };
};

function rpc(
  path: string,
  params: object | undefined,
  headers: Record<string, string>,
  method = params === undefined ? "tools/list" : "tools/call",
): Promise<Response> {
  return fetch(worker.url + path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2025-11-25",
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: params ?? {},
    }),
  });
}

const tool =
  (name: string, args: object) =>
  (headers: Record<string, string>, path = "/mcp") =>
    rpc(path, { name, arguments: args }, headers);

const execute = tool("execute_mcp_code", { code: "return 1" });

type Use = (headers: Record<string, string>) => Promise<{ status: number; headers?: Headers }>;

const uses: Record<string, Use> = {
  "tools/list": (headers) => rpc("/mcp", undefined, headers),
  "skills/list": (headers) => rpc("/mcp", {}, headers, "skills/list"),
  "a skill": (headers) => rpc("/mcp", { uri: "skill://saved/none/SKILL.md" }, headers, "resources/read"),
  list: tool("list_mcp_capabilities", {}),
  describe: tool("describe_mcp", { id: "time", detail: "summary" }),
  execute,
  "another tool": tool("anything_else", {}),
  "a session": (headers) => execute(headers, "/s/a/mcp"),
  bridge: dial,
  metrics: (headers) => fetch(`${worker.url}/metrics`, { headers }),
  audit: (headers) => fetch(`${worker.url}/audit.jsonl?after=999999999`, { headers }),
  sessions: (headers) => fetch(`${worker.url}/sessions`, { headers }),
  "a session's end": (headers) => fetch(`${worker.url}/sessions/nobody/none`, { method: "DELETE", headers }),
  "a proposal": (headers) => fetch(`${worker.url}/proposals/none`, { headers: { ...headers, Accept: "application/json" } }),
  "a word on a proposal": (headers) => post("/proposals/none", { headers, body: '{"decision":"reject","revision":1}' }),
  approvals: (headers) => fetch(`${worker.url}/approve`, { headers: { ...headers, Accept: "application/json" } }),
  "an approval": (headers) => fetch(`${worker.url}/approve/none`, { headers: { ...headers, Accept: "application/json" } }),
  "a decision": (headers) => post("/approve/none", { headers, body: '{"decision":"deny","upTo":1}' }),
  "changed tools": (headers) => fetch(`${worker.url}/changed-tools`, { headers }),
  "tools to accept": (headers) => post("/changed-tools", { headers, body: '{"server":"none","seen":[]}' }),
  livez: (headers) => fetch(`${worker.url}/livez`, { headers }),
  readyz: (headers) => fetch(`${worker.url}/readyz`, { headers }),
};

function post(path: string, { headers, body }: { headers: Record<string, string>; body: string }): Promise<Response> {
  return fetch(worker.url + path, { method: "POST", headers: { ...headers, Accept: "application/json" }, body });
}

/** The HTTP status with which a WebSocket is refused; 101 when it is accepted. */
function dial(headers: Record<string, string>): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${worker.url.replace("http", "ws")}/bridge`, { headers });
    socket.on("unexpected-response", (_request, response) => {
      resolve({ status: response.statusCode ?? 0 });
      response.destroy();
    });
    socket.on("open", () => {
      resolve({ status: 101 });
      socket.terminate();
    });
    socket.on("error", reject);
  });
}

const open = ["livez", "readyz"];
const reading = ["tools/list", "skills/list", "a skill", "list", "describe"];
const administering = [
  ...["metrics", "audit", "sessions", "a session's end", "approvals", "an approval", "a decision"],
  ...["changed tools", "tools to accept", "a proposal", "a word on a proposal"],
];
/** What is asked for there does not exist, and says so to whoever may know. */
const absent: Record<string, number> = {
  "a session's end": 404,
  "a proposal": 404,
  "a word on a proposal": 409,
  "an approval": 404,
  "a decision": 404,
};
const routes = routesOfWorker().filter(({ path }) => path !== "/*");
/** Of the console, for a person at a browser: a token in a header opens none of them. */
const isPage = ({ path }: { path: string }) =>
  path === "/" || (path.startsWith("/console/") && !path.startsWith("/console/assets/"));
const pages = routes.filter(isPage).map(({ method, path }) => ({ method, path: path.replaceAll(/:\w+/g, "none") }));
/** What the rows of the table ask for, and what anybody may ask: logins, which other tests are about, and files of the console. */
const inTable = [
  ...[
    "/mcp",
    "/bridge",
    "/livez",
    "/readyz",
    "/metrics",
    "/audit.jsonl",
    "/sessions",
    "/approve",
    "/changed-tools",
    "/proposals",
  ],
  ...["/s/:session/mcp", "/s/:session/bridge"],
];
const forAnybody = ["/login", "/logout", "/oauth", "/.well-known", "/register", "/token", "/authorize", "/console/assets"];
const running = [...reading, "execute", "another tool", "a session"];

/** What each may do, and how the rest is refused. */
const table: [who: string, may: string[], refusal: number][] = [
  ["no token", [], 401],
  ["a wrong token", [], 401],
  ["the owner's token", [...running, ...administering], 403],
  ["the bridge's token", ["bridge"], 403],
  ["a token that may read", reading, 403],
  ["a token that may run", running, 403],
  ["a token that may only be a bridge", ["bridge"], 403],
  ["a token that may only administer", administering, 403],
  ["a token that has expired", [], 401],
  ["a JWT that may run", running, 403],
  ["a JWT that has expired", [], 401],
  ["a JWT for another audience", [], 401],
  ["a JWT with half of its signature", [], 401],
  ["a JWT without a scope of ours", [], 403],
];

/** The refusals so far, by the id of the request. */
const refused = new Map<string, number>();

/** So that wrong tokens of one row do not slow the next one down. */
let callers = 0;
function newCaller() {
  callers += 1;
  return { "CF-Connecting-IP": `127.0.0.${callers}` };
}

describe.each(table)("%s", (who, may, refusal) => {
  it.each(Object.keys(uses))("at %s", { tags: ["access.scopes", "access.named", "access.jwt"] }, async (use) => {
    const requestId = `${who} at ${use}`.replaceAll(/[^a-zA-Z]/g, "-");
    const answer = await uses[use]?.({ ...headersOf(who), ...newCaller(), "X-Request-Id": requestId });
    // Whoever tries a token there is answered like anybody, and recorded.
    const isGuess = use === "readyz" && refusal === 401 && tokens.get(who) !== "";
    if (answer?.status === refusal || isGuess) refused.set(requestId, isGuess ? 200 : refusal);
    const isOpen = open.includes(use) || may.includes(use);

    expect(answer?.status).toBe(isOpen ? (absent[use] ?? (use === "bridge" ? 101 : 200)) : refusal);
    const challenge = answer?.headers?.get("WWW-Authenticate") ?? "";
    if (answer?.status === 401 && use !== "bridge") expect(challenge).toMatch(/^Bearer /);
    if (answer?.status === 403 && use !== "bridge") expect(challenge).toMatch(/error="insufficient_scope".*scope="mcp:\w+"/);
  });
});

it("each refusal has left one record, which names the rule, and whose request it was where that is known", {
  tags: ["audit.records"],
}, async () => {
  const text = await (await fetch(`${worker.url}/audit.jsonl`, { headers: headersOf("the owner's token") })).text();
  const records: Record<string, unknown>[] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const denials = records.filter(({ action }) => action === "denial");
  expect(refused.size).toBeGreaterThan(80);
  expect(denials.map(({ requestId, status }) => [requestId, status]).sort()).toEqual([...refused].sort());
  for (const { status, rule, principal } of denials) {
    expect([status, rule, typeof principal]).toEqual(status === 403 ? [403, "scope", "string"] : [status, "token", "undefined"]);
  }
  expect(text).not.toMatch(/the-owners-token|the-token-of-the-bridge/);
});

const wrongWays: [rule: string, headers: Record<string, string>][] = [
  ["origin", { Origin: "https://evil.example" }],
  ["origin", { Origin: "null" }],
  ["encryption", { "X-Forwarded-For": "203.0.113.1" }],
  ["encryption", { Forwarded: "for=203.0.113.1;proto=http" }],
];

it("the right token is refused everywhere from a foreign page and behind a proxy in the clear, each time with a record", {
  tags: ["access.browsers", "access.encrypted", "audit.records"],
}, async () => {
  const denied = new Map<string, string>();
  for (const use of Object.keys(uses).filter((name) => !open.includes(name))) {
    for (const [rule, headers] of wrongWays) {
      const requestId = crypto.randomUUID();
      const token = headersOf(use === "bridge" ? "the bridge's token" : "the owner's token");
      const answer = await uses[use]?.({ ...token, ...headers, "X-Request-Id": requestId });
      expect([use, rule, answer?.status]).toEqual([use, rule, 403]);
      denied.set(requestId, rule);
    }
  }
  const text = await (await fetch(`${worker.url}/audit.jsonl`, { headers: headersOf("the owner's token") })).text();
  const records: Record<string, string>[] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const found = records.filter(({ requestId = "" }) => denied.has(requestId));
  expect(found.map(({ requestId, rule, action }) => [requestId, rule, action]).sort()).toEqual(
    [...denied].map(([requestId, rule]) => [requestId, rule, "denial"]).sort(),
  );
});

it("every endpoint is in this table, or is for anybody", { tags: ["access.scopes"] }, () => {
  const isBelow = (path: string, known: string) => path === known || path.startsWith(`${known}/`);
  const others = routes.filter(
    (route) => !isPage(route) && ![...inTable, ...forAnybody].some((known) => isBelow(route.path, known)),
  );
  expect(others).toEqual([]);
});

it.each(pages)(
  "$method $path of the console asks a person to log in, whoever's token a header has",
  {
    tags: ["access.scopes"],
  },
  async ({ method, path }) => {
    for (const who of ["no token", "a wrong token", "the owner's token"]) {
      const headers = { ...headersOf(who), "Sec-Fetch-Site": "same-origin" };
      const answer = await fetch(worker.url + path, { method, headers });
      expect([who, answer.status, await answer.text()]).toEqual([who, 401, expect.stringContaining("Access token")]);
    }
  },
);

it.each([
  ["token", 401, { "Sec-Fetch-Site": "same-origin" }],
  ["other_site", 403, { "Sec-Fetch-Site": "cross-site" }],
])("a login that is refused by the rule %s says so in its record", { tags: ["audit.records"] }, async (rule, status, headers) => {
  const requestId = crypto.randomUUID();
  const body = new URLSearchParams({ token: "a guess" });
  const send = { ...headers, ...newCaller(), "X-Request-Id": requestId };
  expect((await fetch(`${worker.url}/login`, { method: "POST", headers: send, body })).status).toBe(status);
  const text = await (await fetch(`${worker.url}/audit.jsonl`, { headers: headersOf("the owner's token") })).text();
  const records: object[] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(records).toContainEqual(expect.objectContaining({ action: "denial", requestId, rule, status }));
  expect(text).not.toContain("a guess");
});

const session = { get: 'import { session } from "runtime"; return (await session.get("secret")) ?? null;' };
const keep = 'import { session } from "runtime"; await session.set("secret", args.who); return args.who;';

it("no principal reaches another's session, whatever name it gives", { tags: ["access.named"] }, async () => {
  const all = ["the owner's token", "a token that may run", "a JWT that may run"];
  for (const who of all) {
    await (await tool("execute_mcp_code", { code: keep, args: { who } })(headersOf(who), "/s/shared/mcp")).text();
  }
  for (const who of all) {
    const read = tool("execute_mcp_code", { code: session.get });
    expect(await (await read(headersOf(who), "/s/shared/mcp")).text()).toContain(JSON.stringify(who).slice(1, -1));
    expect(await (await read(headersOf(who), "/s/other/mcp")).text()).toMatch(/result\\?":null/);
  }
});

it.each([
  ["a web page", { Origin: "https://evil.example" }, 403],
  ["a web page without an origin", { Origin: "null" }, 403],
  ["a proxy that was called in plain http", { "X-Forwarded-Proto": "http" }, 403],
  ["a proxy that was called by https", { "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.1" }, 200],
])("the owner's token is answered through %s", { tags: ["access.encrypted"] }, async (_who, headers, status) => {
  for (const use of [execute, uses.metrics]) {
    expect((await use?.({ ...headersOf("the owner's token"), ...headers }))?.status).toBe(status);
  }
});
