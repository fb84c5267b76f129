import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { libraryOver } from "../../core/saved/library-port.ts";
import { app } from "../../worker/http/app.ts";
import type { Env } from "../../worker/http/env.ts";

/* A program that another one wants to save waits for a person. */

const token = "the owner's token, 32 characters and more";
const { AUTH_TOKEN: _, ...open } = env as Env;
const closed: Env = { ...open, AUTH_TOKEN: token };
const site = "https://mcp.example.com";

const library = libraryOver(async (request) => env.LIBRARIES.getByName("owner").request(request));

const propose = (name: string) =>
  library.create({
    ...{
      name,
      description: 'Says "<script>alert(1)</script>".',
      inputSchema: { type: "object" },
      timeoutMs: 1_000,
      examples: [],
    },
    ...{
      given: { input: false, output: false, description: true, examples: true },
      enabled: true,
      proposed: true,
      pins: {},
      codeBytes: 8,
    },
    ...{ allowedMcpIds: ["mail"], source: { code: 'return "</pre><b>";', language: "ts" as const } },
  });

async function login(): Promise<string> {
  const body = new URLSearchParams({ token, next: "/approve" });
  const response = await app.request(`${site}/login`, { method: "POST", body, headers: { Origin: site } }, closed);
  return response.headers.get("Set-Cookie")?.split(";")[0] ?? "";
}

test("a person sees on the page what a program would keep, and accepts it there", { tags: ["saved.proposals"] }, async () => {
  await propose("greets");
  const Cookie = await login();
  const page = async (path: string) => (await app.request(`${site}${path}`, { headers: { Cookie } }, closed)).text();
  expect(await page("/approve")).toContain('href="/proposals/greets"');
  const shown = await page("/proposals/greets");
  expect(shown).toContain("return &quot;&lt;/pre&gt;&lt;b&gt;&quot;;");
  expect(shown).toContain("mail");
  expect(shown).not.toContain("<script>alert");
  const formToken = /name="form_token" value="([^"]+)"/.exec(shown)?.[1] ?? "";
  const decide = (fields: Record<string, string>) =>
    app.request(
      `${site}/proposals/greets`,
      { method: "POST", body: new URLSearchParams(fields), headers: { Cookie, Origin: site } },
      closed,
    );
  expect((await decide({ decision: "accept", revision: "1" })).status).toBe(403);
  expect((await decide({ decision: "accept", revision: "7", form_token: formToken })).status).toBe(409);
  expect((await library.get("greets"))?.proposed).toBe(true);
  expect((await decide({ decision: "accept", revision: "1", form_token: formToken })).status).toBe(200);
  expect(await library.get("greets")).not.toHaveProperty("proposed");
  expect(await page("/approve")).not.toContain("greets");
});

test("only an administrator decides, never another site, and a rejected program is gone", {
  tags: ["saved.proposals"],
}, async () => {
  await propose("leaves");
  const post = (headers: Record<string, string>, at: Env = closed) =>
    app.request(
      `${site}/proposals/leaves`,
      {
        method: "POST",
        body: JSON.stringify({ decision: "reject", revision: 1 }),
        headers: { Accept: "application/json", ...headers },
      },
      at,
    );
  expect((await post({})).status).toBe(401);
  expect((await post({ Origin: "https://evil.example.com" }, open)).status).toBe(403);
  const Authorization = `Bearer ${token}`;
  const { proposals } = (await (await app.request(`${site}/approve`, { headers: { Authorization } }, closed)).json()) as {
    proposals: unknown;
  };
  expect(proposals).toContainEqual(expect.objectContaining({ name: "leaves", revision: 1 }));
  expect((await post({ Authorization })).status).toBe(200);
  expect(await library.get("leaves")).toBeUndefined();
  expect((await post({ Authorization })).status).toBe(409);
});
