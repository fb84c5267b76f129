import { expect, test } from "vitest";
import { findFreePort } from "../../../bridge/local/free-port.ts";
import { startBackground } from "../../support/background-process.ts";
import { serverEntry } from "../../support/builders.ts";
import { startLogins } from "../../support/logins.ts";

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };

/* The example server and authorization server of the official MCP SDK. */
test.each(["--oauth", "--oauth --oauth-strict"])(
  "a login to the SDK's example server (%s) succeeds, and so does a call after it",
  { tags: ["login.works"] },
  async (flags) => {
    const [port, authPort] = [await findFreePort(), await findFreePort()];
    await using server = await startBackground({
      args: () => [
        "node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server/simpleStreamableHttp.js",
        ...flags.split(" "),
      ],
      env: () => ({ MCP_PORT: String(port), MCP_AUTH_PORT: String(authPort) }),
    });
    await server.printed(/listening on port \d+/);
    const entry = serverEntry("sdk", {
      mcp: { transport: "http", url: `http://localhost:${port}/mcp`, headers: {} },
      auth: "oauth",
    });
    const session = startLogins();
    expect(await session.logIn(entry)).toEqual({ kind: "logged_in", server: "sdk", title: "sdk" });
    const greeting = await session.servers.callTool(entry, { tool: "greet", args: { name: "you" } }, options);
    expect(greeting.content).toEqual([{ type: "text", text: "Hello, you!" }]);
    session.servers.drop("sdk");
  },
);

test("the login page of a server without OAuth says how to correct its registry entry", {
  tags: ["login.works"],
}, async () => {
  const port = await findFreePort();
  await using server = await startBackground({
    args: () => ["node_modules/@modelcontextprotocol/server-everything/dist/index.js", "streamableHttp"],
    env: () => ({ PORT: String(port) }),
  });
  await server.printed(/on port \d+/);
  const entry = serverEntry("open", {
    mcp: { transport: "http", url: `http://127.0.0.1:${port}/mcp`, headers: {} },
    auth: "oauth",
  });
  const message = expect.stringContaining('leave "auth" out of its registry entry');
  expect(await startLogins().logIn(entry)).toEqual({ kind: "failed", message });
});
