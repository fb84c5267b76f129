import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { ServerDays } from "../../worker/audit/server-days.ts";
import { app } from "../../worker/http/app.ts";
import type { Env } from "../../worker/http/env.ts";
import { dial, greet } from "./dial.ts";

/* The servers' page of a deployment, which cannot write its registry. */

const site = "https://mcp.example.com";
const owner = "the owner's token, 32 characters and more";
const reader = "a reader's token, 32 characters and more";
const secret = "ghp_abcdefghijklmnop0123456789";
const registry = `{
  "servers": [
    { "id": "time", "title": "Time", "summary": "Time.", "mcp": { "transport": "stdio", "command": "time-mcp" } },
    { "id": "hub", "title": "Hub", "summary": "Hub.", "mcp": { "transport": "stdio", "command": "hub", "env": { "HUB_TOKEN": "${secret}" } } }
  ]
}`;

async function deployment(principal = "owner"): Promise<Env> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(reader));
  const sha256 = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const tokens = [{ name: principal, sha256, scopes: ["mcp:read"] }];
  return { ...(env as Env), AUTH_TOKEN: owner, AUTH_TOKENS: JSON.stringify(tokens), MCP_REGISTRY: registry };
}

async function browser(token = owner) {
  const bindings = await deployment("reader");
  const login = await app.request(
    `${site}/login`,
    { method: "POST", body: new URLSearchParams({ token }), headers: { Origin: site } },
    bindings,
  );
  const headers = { Cookie: (login.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "", Origin: site };
  const open = async (path: string) => {
    const response = await app.request(site + path, { headers }, bindings);
    return { status: response.status, text: plain(await response.text()) };
  };
  const send = async (path: string, fields: Record<string, string>) => {
    const form_token = /name="form_token" value="([^"]+)"/.exec((await open("/console/servers/new")).text)?.[1] ?? "";
    const body = new URLSearchParams({ ...fields, form_token });
    return plain(await (await app.request(site + path, { method: "POST", headers, body }, bindings)).text());
  };
  return { open, send };
}

function plain(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

const hub =
  '{"id":"hub","title":"Hub","summary":"Hub.","mcp":{"transport":"stdio","command":"hub","env":{"HUB_TOKEN":"${hidden:0}"}}}';

describe("a deployment", { tags: ["console.servers"] }, () => {
  test("shows what to write, and where, and keeps no secret", async () => {
    const { send } = await browser();
    const notes = {
      id: "notes",
      title: "Notes",
      summary: "Notes.",
      mcp: { transport: "http", url: "https://notes.example/mcp" },
    };
    const headers = { Authorization: `Bearer ${secret}` };
    const json = JSON.stringify({ ...notes, mcp: { ...notes.mcp, headers } });
    const added = await send("/console/servers/save", { as: "json", json });
    expect(added).toContain(
      "Nothing was changed: a deployment cannot write its registry, <code>the variable MCP_REGISTRY</code>",
    );
    expect(added).toContain('Add this to the end of "servers"');
    expect(added).toContain('"Authorization": "Bearer ${env:NOTES_TOKEN}"');
    expect(added).toContain("npx wrangler secret put NOTES_TOKEN");
    expect(added).not.toContain(secret);
    const edited = await send("/console/servers/save", { as: "json", at: "1", was: hub, json: hub.replace('"Hub"', '"Hubs"') });
    expect(edited).toContain("in place of the entry in line 4");
    expect(edited).not.toContain(secret);
    expect(await send("/console/servers/remove", { at: "1", was: hub })).toContain("Remove the entry in line 4");
  });

  test("answers what is wrong, broken or out of date with a page, and what was typed", async () => {
    const { send } = await browser();
    const wrong = await send("/console/servers/save", { as: "json", json: '{"id":"a b"}' });
    expect(wrong).toContain("1 to 64 letters");
    expect(await send("/console/servers/save", { as: "json", json: "{" })).toContain("This is not JSON.");
    expect(await send("/console/servers/save", { as: "fields", id: "typed", headers: "no colon" })).toContain('value="typed"');
    const stale = hub.replace('"Hub."', '"Old."');
    const conflict = await send("/console/servers/save", { as: "json", at: "1", was: stale, json: stale });
    expect(conflict).toContain("has another text for this server");
    for (const at of ["1", "-1", "x", "99"])
      expect(await send("/console/servers/switch", { at, was: "no JSON", on: "no" })).toContain("not what you have seen");
  });

  test("shows the registry to no one who may only read, and lets them change nothing", async () => {
    const { open, send } = await browser(reader);
    const page = await open("/");
    expect([page.status, page.text.includes("Registry:"), page.text.includes("Edit")]).toEqual([200, false, false]);
    expect((await open("/console/servers/edit?at=1")).status).toBe(403);
    expect(await send("/console/servers/save", { as: "json", json: hub })).toContain("mcp:admin");
  });
});

describe("what a server has printed", { tags: ["console.servers"] }, () => {
  const desk = (session: string) => env.SESSIONS.getByName(`owner/${session}`).desk();

  test("is asked of its bridge, bounded, and shown without what changes the direction of a text", async () => {
    const session = crypto.randomUUID();
    const long = "x".repeat(5_000);
    await dial(session, (request) =>
      request.type === "process_output"
        ? {
            type: "result",
            id: request.id,
            value: { startedAt: 5, first: ["a\u202eb", long], omitted: 7, last: Array(500).fill("c") },
          }
        : { type: "result", id: "id" in request ? request.id : "", value: [greet] },
    );
    const output = await desk(session).serverOutput("time");
    expect(output).toMatchObject({ startedAt: 5, omitted: 7, first: ["ab", long.slice(0, 1_000)], last: Array(40).fill("c") });
  });

  test("is unknown while its bridge is away, or answers something else", async () => {
    const session = crypto.randomUUID();
    expect(await desk(session).serverOutput("time")).toBe("away");
    await dial(session, (request) => ({ type: "result", id: "id" in request ? request.id : "", value: "no lines" }));
    expect(await desk(session).serverOutput("time")).toBe("unsaid");
  });
});

test(
  "calls of the day are counted by principal and server, outlive the object, and leave others no room to push them out",
  {
    tags: ["console.servers"],
  },
  () =>
    runInDurableObject(env.AUDIT.getByName(crypto.randomUUID()), (_trail, { storage }) => {
      const now = Date.parse("2026-11-30T06:07:08.000Z");
      const call = {
        time: new Date(now).toISOString(),
        action: "call",
        principal: "owner",
        server: "time",
        outcome: "succeeded",
      };
      const of = { principal: "owner", server: "time" };
      const first = new ServerDays(storage);
      for (const record of [
        call,
        { ...call, outcome: "failed", count: 3 },
        { ...call, principal: "ada" },
        { ...call, time: "never" },
        null,
      ])
        first.count(record);
      expect(first.today(of, now)).toEqual({ calls: 4, failedCalls: 3 });
      first.keep(now);
      const next = new ServerDays(storage);
      next.count(call);
      expect(next.today(of, now)).toEqual({ calls: 5, failedCalls: 3 });
      expect(next.today(of, now + 86_400_000)).toEqual({ calls: 0, failedCalls: 0 });
      for (let index = 0; index <= auditLimits.serverDaysMax; index++) next.count({ ...call, server: `made up ${index}` });
      next.count(call);
      expect(next.today(of, now).calls).toBe(6);
      expect(next.today({ ...of, server: `made up ${auditLimits.serverDaysMax}` }, now).calls).toBe(0);
      next.keep(now + 86_400_000);
      expect(storage.sql.exec("SELECT count(*) AS rows FROM server_days").one()).toEqual({ rows: 0 });
    }),
);
