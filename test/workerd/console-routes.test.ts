import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { app } from "../../worker/http/app.ts";
import type { Env } from "../../worker/http/env.ts";

/* The routes of the console, which the app does not know until it has loaded them. */

const site = "https://mcp.example.com";
const token = "the owner's token, 32 characters and more";
const closed: Env = { ...(env as Env), AUTH_TOKEN: token };

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  app.request(site + path, { method, headers: { Origin: site, ...headers } }, closed);

async function login(): Promise<Record<string, string>> {
  const body = new URLSearchParams({ token });
  const response = await app.request(`${site}/login`, { method: "POST", body, headers: { Origin: site } }, closed);
  return { Cookie: (response.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "" };
}

describe("the console's routes", { tags: ["console.pages"] }, () => {
  test.each([
    ["GET", "/"],
    ["HEAD", "/"],
    ["GET", "/console/runs"],
    ["GET", "/console/%72uns"],
    ["GET", "/console/live/one"],
    ["POST", "/console/live/one/cancel"],
  ])(
    "%s %s asks who has no cookie to log in, whoever's token a header has",
    { tags: ["access.scopes"] },
    async (method, path) => {
      for (const headers of [{}, { Authorization: `Bearer ${token}` }]) {
        const response = await ask(method, path, headers);
        expect(response.status).toBe(401);
        expect(await response.text()).toMatch(method === "HEAD" ? /^$/ : /Access token/);
      }
    },
  );

  test.each([
    ["POST", "/"],
    ["PUT", "/console/runs"],
    ["OPTIONS", "/console/runs"],
    ["GET", "/console"],
    ["GET", "/console/"],
    ["GET", "/console/runs/"],
    ["GET", "/console/runs/a/b"],
    ["GET", "/console/live//cancel"],
    ["POST", "/console/numbers"],
  ])("%s %s is no route, and is answered as any other that is none", async (method, path) => {
    const response = await ask(method, path, await login());
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("There is nothing at /");
  });

  test("the name in a path arrives as it was meant, also if it is no name", async () => {
    for (const name of ["a%2Fb", "%zz", "a%20b"]) {
      const response = await ask("GET", `/console/runs/${name}`, await login());
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("No such run");
    }
    const file = await ask("GET", "/console/assets/..%2fcompiler.js");
    expect([file.status, await file.text()]).toEqual([404, "There is no such file."]);
  });

  test("the first requests may come at once", async () => {
    const cookie = await login();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask("GET", "/console/tools", cookie)));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("<h1>Tools</h1>");
    }
  });
});
