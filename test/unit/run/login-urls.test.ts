import { expect, test } from "vitest";
import { type PublicError, UpstreamError } from "../../../core/errors.ts";
import { parseRegistry } from "../../../core/registry/registry.ts";
import { withLoginUrls } from "../../../core/run/login-urls.ts";
import { registryText, serverEntry, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const url = "http://127.0.0.1:8787/oauth/login?ticket=t";
const servers = [serverEntry("notes"), serverEntry("open")];
const needsLogin = { tools: [tool("read")], reachability: { status: "auth_required", url } as const };
const upstream = new FakeUpstream({ notes: needsLogin, open: { tools: [] } });

const error = (fields: Partial<PublicError>): PublicError => ({
  code: "auth_required",
  phase: "tool",
  message: "log in",
  retryable: false,
  ...fields,
});

test("only the error of a server that requires a login has a login URL", () => {
  const [first, ...others] = withLoginUrls(
    [
      error({ server: "notes" }),
      error({ server: "open" }),
      error({ server: "unheard-of" }),
      error({}),
      error({ server: "notes", code: "tool_error" }),
    ],
    { servers, upstream },
  );
  expect(first).toEqual(error({ server: "notes", url }));
  for (const other of others) expect(other).not.toHaveProperty("url");
  expect(withLoginUrls([error({ server: "notes", url: "https://own.example" })], { servers, upstream })[0]?.url).toBe(
    "https://own.example",
  );
});

test("a call to a server without a login fails the run with the login URL, and a program that catches the error gets the URL in its message", {
  tags: ["login.address"],
}, async () => {
  const asked = new UpstreamError("auth_required", `notes needs a login: ${url}`, { delivery: "not_sent", server: "notes", url });
  const session = startSession({ servers, upstream: new FakeUpstream({ notes: { ...needsLogin, answers: { read: asked } } }) });
  const outcome = await session.run({ code: `import { notes } from "mcp-clients"; return await notes.read({});` });
  expect(outcome.errors).toEqual([expect.objectContaining({ code: "auth_required", server: "notes", tool: "read", url })]);
  const caught = `import { notes } from "mcp-clients"; try { await notes.read({}); } catch (error) { return [error.code, error.message]; }`;
  expect((await session.run({ code: caught })).result).toEqual(["auth_required", `notes needs a login: ${url}`]);
});

test("an entry may have an OAuth client with its secret as a reference", () => {
  const http = { transport: "http", url: "https://notes.example/mcp" };
  const oauth = { clientId: "me", clientSecret: "${env:NOTES_SECRET}", scopes: ["read"], issuer: "https://auth.example" };
  const good = parseRegistry(registryText({ id: "notes", mcp: http, auth: "oauth", oauth }));
  expect(good).toMatchObject({ servers: [{ auth: "oauth", oauth }], problems: [], warnings: [] });
  const literal = parseRegistry(
    registryText({ id: "notes", mcp: http, auth: "oauth", oauth: { ...oauth, clientSecret: "0123456789" } }),
  );
  expect(literal.warnings).toEqual([expect.objectContaining({ path: "servers[0].oauth.clientSecret" })]);
  const wrong = parseRegistry(registryText({ id: "notes", mcp: http, auth: "oauth", oauth: { client: "me" } }));
  expect(wrong.problems.map(({ path }) => path)).toEqual(["servers[0].oauth.clientId", "servers[0].oauth.client"]);
});
