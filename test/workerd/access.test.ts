import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { authorise } from "../../worker/http/access/access.ts";

const settings = { authToken: "right-token", bridgeToken: "bridge-token" };

function request(url: string, headers: Record<string, string> = {}) {
  return new Request(url, { method: "POST", headers });
}

describe("without any secret", () => {
  test.each(["http://127.0.0.1:8787/mcp", "http://localhost/mcp", "http://[::1]:8787/mcp"])(
    "%s answers a caller on this machine",
    async (url) => {
      expect(await authorise(request(url), { endpoint: "mcp", settings: {} })).toEqual({ kind: "granted", principal: "owner" });
    },
  );

  test.each([
    ["another host name", "https://mcp.example.workers.dev/mcp", {}],
    ["a host that only starts like loopback", "http://127.0.0.1.example.com/mcp", {}],
    ["a caller elsewhere who names loopback", "http://127.0.0.1/mcp", { "CF-Connecting-IP": "203.0.113.9" }],
  ])("/mcp refuses %s and says what to set", { tags: ["access.closed"] }, async (_who, url, headers) => {
    const access = await authorise(request(url, headers), { endpoint: "mcp", settings: {} });
    expect(access).toMatchObject({ kind: "refused", status: 403 });
    expect(JSON.stringify(access)).toContain("AUTH_TOKEN");
  });

  test("/bridge refuses everyone, loopback included", { tags: ["access.closed"] }, async () => {
    const access = await authorise(request("http://127.0.0.1:8787/bridge"), { endpoint: "bridge", settings: {} });
    expect(access).toMatchObject({ kind: "refused", status: 403 });
    expect(JSON.stringify(access)).toContain("BRIDGE_TOKEN");
  });
});

describe("with secrets set", () => {
  test.each(["mcp", "bridge"] as const)(
    "/%s accepts its own token and no other",
    { tags: ["access.tokens"] },
    async (endpoint) => {
      const [own, other] = endpoint === "mcp" ? ["right-token", "bridge-token"] : ["bridge-token", "right-token"];
      const at = (token: string) => request(`https://mcp.example.workers.dev/${endpoint}`, { Authorization: `Bearer ${token}` });
      expect(await authorise(at(own), { endpoint, settings })).toMatchObject({ kind: "granted" });
      for (const wrong of [other, "", `${own}x`, own.slice(1)]) {
        expect(await authorise(at(wrong), { endpoint, settings })).toMatchObject({ kind: "refused", status: 401 });
      }
    },
  );

  test("a caller on loopback needs the token too", async () => {
    expect(await authorise(request("http://127.0.0.1/mcp"), { endpoint: "mcp", settings })).toMatchObject({
      kind: "refused",
      status: 401,
    });
  });
});

test("a web page of another origin is refused even with the token", async () => {
  const headers = { Origin: "https://evil.example", Authorization: "Bearer right-token" };
  expect(await authorise(request("http://127.0.0.1/mcp", headers), { endpoint: "mcp", settings })).toMatchObject({ status: 403 });
  for (const origin of ["null", "file://", "not an origin"]) {
    expect(await authorise(request("http://127.0.0.1/mcp", { Origin: origin }), { endpoint: "mcp", settings: {} })).toMatchObject(
      {
        status: 403,
      },
    );
  }
});

test("a web page on this machine is accepted", async () => {
  const access = await authorise(request("http://127.0.0.1/mcp", { Origin: "http://localhost:6274" }), {
    endpoint: "mcp",
    settings: {},
  });
  expect(access).toMatchObject({ kind: "granted" });
});

test("a refusal over HTTP names the next step", async () => {
  const response = await exports.default.fetch("https://mcp.example.workers.dev/mcp", { method: "POST" });
  expect(response.status).toBe(403);
  expect(await response.text()).toContain("npx wrangler secret put AUTH_TOKEN");
});

test("health endpoints answer without a token", async () => {
  for (const path of ["/livez", "/readyz"]) {
    const response = await exports.default.fetch(`https://mcp.example.workers.dev${path}`);
    expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
  }
  const metrics = await (await exports.default.fetch("https://mcp.example.workers.dev/metrics")).text();
  expect(metrics).toMatch(/^mcp_orchestrator_registry_servers 2$/m);
});
