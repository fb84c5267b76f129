import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { auditLimits } from "../../core/audit/audit-limits.ts";
import { createAuditOutbox } from "../../worker/storage/audit-outbox.ts";
import { createAuditRing } from "../../worker/storage/audit-ring.ts";
import { Listener, run } from "./run.ts";

interface Line {
  action: string;
  cursor: string;
  [field: string]: unknown;
}

const home = "http://127.0.0.1";

async function page(after: string): Promise<{ lines: Line[]; cursor: string }> {
  const response = await exports.default.fetch(`${home}/audit.jsonl?after=${after}`);
  expect(response.headers.get("Content-Type")).toMatch(/^application\/x-ndjson/);
  const texts = new TextDecoder().decode(await response.arrayBuffer()).split("\n");
  const lines: Line[] = texts.filter((line) => line !== "").map((line) => JSON.parse(line));
  return { lines, cursor: lines.at(-1)?.cursor ?? after };
}

/** The cursor behind everything so far. */
const now = async () => (await page("0")).cursor;

/** The records after a cursor, once there are enough of them. */
async function recordsAfter(cursor: string, isEnough: (lines: Line[]) => boolean): Promise<Line[]> {
  return await expect
    .poll(async () => (await page(cursor)).lines, { timeout: 10_000 })
    .toSatisfy(isEnough)
    .then(async () => (await page(cursor)).lines);
}

function call(name: string, args: object, { session = crypto.randomUUID(), headers = {} } = {}) {
  return exports.default.fetch(`${home}/s/${session}/mcp`, {
    method: "POST",
    headers: {
      Host: "127.0.0.1",
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2025-11-25",
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
}

test("every operation is a record with the request's id, in order, and a cursor continues", {
  tags: ["audit.records", "audit.read", "request.id"],
}, async () => {
  const before = await now();
  const session = crypto.randomUUID();
  const as = (id: string) => ({ session, headers: { "X-Request-Id": id } });
  const first = await call("list_mcp_capabilities", {}, as("first"));
  expect(first.headers.get("X-Request-Id")).toBe("first");
  await first.text();
  await (await call("describe_mcp", { id: "time", detail: "summary" }, as("second"))).text();
  const failed = await (await call("execute_mcp_code", { code: "throw new Error('x')", args: { a: 1 } }, as("third"))).text();
  expect(failed).toContain('"requestId":"third"');

  const lines = await recordsAfter(before, (all) => all.length === 3);
  const common = { principal: "owner", session };
  expect(lines).toMatchObject([
    { action: "list", outcome: "succeeded", requestId: "first", ...common },
    { action: "describe", server: "time", requestId: "second", ...common },
    {
      ...{ action: "execute", outcome: "failed", code: "uncaught_exception", requestId: "third", ...common },
      ...{
        run: expect.stringMatching(/^run_\d{15}$/),
        program: expect.stringMatching(/^[0-9a-f]{64}$/),
        durationMs: expect.any(Number),
      },
    },
  ]);
  expect((await page(lines[0]?.cursor ?? "")).lines).toEqual(lines.slice(1));
  expect((await page(lines.at(-1)?.cursor ?? "")).lines).toEqual([]);
});

test("the record of a call that a saved program made names that program and those that called it", {
  tags: ["audit.records"],
}, async () => {
  const session = crypto.randomUUID();
  const execute = async (code: string) => {
    const answer = await (await call("execute_mcp_code", { code }, { session })).text();
    expect(answer).toContain('"ok":true');
  };
  const save = (name: string, code: string) =>
    execute(`return await dynamic.tool_create(${JSON.stringify({ name, description: "Calls.", code })});`);
  await save("calls_inside", "return (await dynamic.tool_list({})).tools.length;");
  await save("calls_outside", "return await saved.calls_inside({});");
  const before = await now();

  await execute("return await saved.calls_outside({});");

  const lines = await recordsAfter(before, (all) => all.some(({ action }) => action === "execute"));
  const calls = lines.filter(({ action }) => action === "call").map(({ server, tool, within }) => [server, tool, within]);
  expect(calls).toHaveLength(3);
  expect(calls).toEqual(
    expect.arrayContaining([
      ["saved", "calls_outside", undefined],
      ["saved", "calls_inside", "calls_outside"],
      ["dynamic", "tool_list", "calls_outside/calls_inside"],
    ]),
  );
});

test("a refused request is a record, with the rule and without the token", {
  tags: ["audit.records", "audit.forged"],
}, async () => {
  const before = await now();
  const response = await exports.default.fetch('https://mcp.example.com/mcp?token="}\n{"forged":1', {
    method: "POST",
    headers: { Authorization: "Bearer a-very-secret-token", "X-Request-Id": 'forged"\\n{', "CF-Connecting-IP": "203.0.113.7" },
  });
  expect(response.status).toBe(403);
  const id = response.headers.get("X-Request-Id");
  expect(id).toMatch(/^\d{15}$/);
  expect(await response.json()).toMatchObject({ error: { data: { requestId: id } } });
  const [record, ...more] = (await page(before)).lines;
  expect(record).toMatchObject({
    ...{ action: "denial", outcome: "not_started", status: 403, rule: "not_configured" },
    ...{ endpoint: "/mcp", requestId: id, caller: "203.0.113.7" },
  });
  expect(more).toEqual([]);
  expect(JSON.stringify(record)).not.toMatch(/secret|forged/);
});

test("what was under way when the object died is recorded once it lives again", { tags: ["audit.durable"] }, async () => {
  // The compiler is loaded by the first run, and must not die with this one.
  await run({ code: "return 1" });
  const before = await now();
  const session = crypto.randomUUID();
  const stub = env.SESSIONS.getByName(`owner/${session}`);
  await stub.startRun({ code: "await new Promise(() => {})", maxRuntimeMs: 60_000 }, new Listener(), {
    modes: [],
    requestId: "dies",
  });
  const openLines = () =>
    runInDurableObject(stub, (_session, { storage }) => storage.sql.exec("SELECT line FROM audit_open").toArray().length);
  await expect.poll(openLines).toBe(1);
  await runInDurableObject(stub, (_session, ctx) => ctx.abort("killed")).catch(() => undefined);
  expect((await page(before)).lines).toEqual([]);

  expect(await run({ code: "return 1" }, { session })).toMatchObject({ ok: true });
  const lines = await recordsAfter(before, (all) => all.length === 2);
  expect(lines).toMatchObject([
    { action: "execute", outcome: "lost", requestId: "dies", session },
    { action: "execute", outcome: "succeeded", session },
  ]);
});

test("records that are sent twice are kept once", { tags: ["audit.durable"] }, async () => {
  const trail = env.AUDIT.getByName(crypto.randomUUID());
  const state = { name: "owner/a", bridges: 1, bytes: 10 };
  const line = (n: number) => ({ number: n, line: JSON.stringify({ action: "list", outcome: "succeeded", n }) });
  await trail.append(state, [line(1), line(2)]);
  await trail.append(state, [line(1), line(2), line(3)]);
  await trail.append({ ...state, name: "owner/b" }, [line(1)]);
  const { lines } = await trail.page(0);
  expect(lines.map((text) => JSON.parse(text).n)).toEqual([1, 2, 3, 1]);
  expect(await trail.metrics([])).toContain('mcp_orchestrator_requests_total{action="list",outcome="succeeded"} 4');
});

test("more records than one page are read in one answer", { tags: ["audit.read"] }, async () => {
  const before = await now();
  const line = (n: number) => JSON.stringify({ action: "list", outcome: "succeeded", n });
  await env.AUDIT.getByName("audit").note(
    "records",
    Array.from({ length: 2_500 }, (_, n) => line(n)),
  );
  const { lines } = await page(before);
  expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: 2_500 }, (_, n) => n));
});

test("what was counted outlives the object", { tags: ["metrics.counts"] }, async () => {
  const name = crypto.randomUUID();
  const line = JSON.stringify({ action: "execute", outcome: "succeeded", durationMs: 1 });
  await env.AUDIT.getByName(name).note(
    "records",
    Array.from({ length: 700 }, () => line),
  );
  await runInDurableObject(env.AUDIT.getByName(name), (_trail, ctx) => ctx.abort("killed")).catch(() => undefined);
  await env.AUDIT.getByName(name).note("records", [line]);
  expect(await env.AUDIT.getByName(name).metrics([])).toContain('mcp_orchestrator_runs_total{outcome="succeeded"} 701');
});

describe("the audit's storage", () => {
  const inStorage = <R>(use: (storage: DurableObjectStorage) => R) =>
    runInDurableObject(env.AUDIT.getByName(crypto.randomUUID()), (_trail, { storage }) => use(storage));

  test("keeps the newest records within its bytes, and one ring leaves the other alone", {
    tags: ["audit.bounded"],
  }, async () => {
    await inStorage((storage) => {
      const small = createAuditRing(storage, { ring: "small", bytesMax: 1_000 });
      const other = createAuditRing(storage, { ring: "other", bytesMax: 1_000 });
      const kept = other.add("kept");
      for (let n = 0; n < 10_000; n += 1) small.add(`${n}`.padStart(100, "0"));
      expect(small.bytes()).toBe(1_000);
      expect(small.after(0, 100).map(({ line }) => Number(line))).toEqual([
        9990, 9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999,
      ]);
      expect(other.after(0, 100)).toEqual([{ number: kept, line: "kept" }]);
      expect(createAuditRing(storage, { ring: "small", bytesMax: 1_000 }).bytes()).toBe(1_000);
    });
  });

  test("runs are found by a server that they called, on whatever side of them the call was written", {
    tags: ["audit.read"],
  }, async () => {
    await inStorage((storage) => {
      const ring = createAuditRing(storage, { ring: "runs", bytesMax: 1_000_000 });
      const add = (line: object) => ring.add(JSON.stringify(line));
      add({ action: "call", run: "a", server: "time" });
      add({ action: "execute", run: "a" });
      add({ action: "call", run: "b", server: "git" });
      add({ action: "execute", run: "b" });
      const last = add({ action: "execute", run: "c" });
      add({ action: "call", run: "c", server: "time" });
      const found = (server: string, before: number) =>
        ring
          .newest(
            { action: "execute" },
            { before, linesMax: 10, rowsMax: 4, beside: { by: "run", fields: { action: "call", server } } },
          )
          .lines.map(({ line }) => JSON.parse(line).run);
      expect(found("time", last + 1)).toEqual(["c", "a"]);
      expect(found("git", last + 1)).toEqual(["b"]);
      expect(found("none", last + 1)).toEqual([]);
    });
  });

  test("the records of a time are found, also where another ring stands between", { tags: ["audit.read"] }, async () => {
    await inStorage((storage) => {
      const ring = createAuditRing(storage, { ring: "timed", bytesMax: 1_000_000 });
      const other = createAuditRing(storage, { ring: "other", bytesMax: 1_000_000 });
      const times = ["2026-11-30T08:00:00.000Z", "2026-11-30T09:00:00.000Z", "2026-11-30T10:00:00.000Z"];
      const positions = times.map((time) => {
        other.add("{}");
        return ring.add(JSON.stringify({ time }));
      });
      const before = (time: string) => positions.filter((position) => position < ring.positionAt(time)).length;
      expect(["2026-11-30T07:59", "2026-11-30T08:00", "2026-11-30T09:00", "2026-11-30T09:30", "2027"].map(before)).toEqual([
        0, 0, 1, 2, 3,
      ]);
    });
  });

  test("a session that cannot send keeps a bounded number of records", { tags: ["audit.bounded"] }, async () => {
    await inStorage((storage) => {
      const outbox = createAuditOutbox(storage, { now: () => 1_000, onChange: () => {} });
      // Of two bytes each, so that characters are not mistaken for bytes.
      const args = "é".repeat(50_000);
      for (let n = 0; n < 100; n += 1) outbox.add({ time: "", action: "call", outcome: "succeeded", arguments: `${n}${args}` });
      outbox.commit();
      const held = storage.sql.exec<{ bytes: number }>("SELECT sum(octet_length(line)) AS bytes FROM audit_outbox").one().bytes;
      expect(held).toBeLessThanOrEqual(auditLimits.outboxBytesMax);
      expect(held).toBeGreaterThan(auditLimits.outboxBytesMax * 0.9);
      outbox.sent(Number.MAX_SAFE_INTEGER);
      expect(outbox.next()).toEqual([]);
    });
  });
});

test("every answer has the headers that browsers obey, a page's own included", { tags: ["answer.headers"] }, async () => {
  for (const path of [
    "/livez",
    "/readyz",
    "/mcp",
    "/nothing",
    "/metrics",
    "/audit.jsonl",
    "/authorize",
    "/oauth/login",
    "/register",
  ]) {
    const { headers } = await exports.default.fetch(home + path);
    expect([path, headers.get("X-Content-Type-Options")]).toEqual([path, "nosniff"]);
    expect(headers.get("X-Frame-Options")).toBe("DENY");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("Content-Security-Policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get("Cache-Control")).toContain("no-store");
    expect(headers.get("X-Request-Id")).toMatch(/^\d{15}$/);
  }
  const login = await exports.default.fetch(`${home}/authorize`);
  expect(login.headers.get("Content-Security-Policy")).toContain("style-src 'nonce-");
});

test.each([
  ["x".repeat(128), true],
  ["x".repeat(129), false],
  ["a b", false],
  ["<script>", false],
])("a request id %j is taken as it is: %s", { tags: ["request.id"] }, async (id, isTaken) => {
  const { headers } = await exports.default.fetch(`${home}/livez`, { headers: { "X-Request-Id": id } });
  expect(headers.get("X-Request-Id") === id).toBe(isTaken);
});

test.each(["x", "-1", "1e3", "9".repeat(16)])("a cursor %j is refused", { tags: ["audit.read"] }, async (after) => {
  expect((await exports.default.fetch(`${home}/audit.jsonl?after=${after}`)).status).toBe(400);
});

test("a deleted session is empty, and its deletion is recorded", { tags: ["session.deleted"] }, async () => {
  const session = crypto.randomUUID();
  const set = `import { session } from "runtime"; await session.set("a", 1); return await session.list();`;
  expect(await run({ code: set }, { session })).toMatchObject({ result: ["a"] });
  const known = async () => {
    const { sessions } = await (await exports.default.fetch(`${home}/sessions`)).json<{ sessions: { name: string }[] }>();
    return sessions.some(({ name }) => name === `owner/${session}`);
  };
  await expect.poll(known).toBe(true);
  const before = await now();
  const deleted = await exports.default.fetch(`${home}/sessions/owner/${session}`, { method: "DELETE" });
  expect([deleted.status, await deleted.json()]).toEqual([200, { deleted: `owner/${session}` }]);

  expect(await known()).toBe(false);
  expect(await recordsAfter(before, (all) => all.length > 0)).toMatchObject([
    { action: "administration", what: "session_deleted", session: `owner/${session}`, principal: "owner" },
  ]);
  const list = `import { session } from "runtime"; return await session.list();`;
  expect(await run({ code: list }, { session })).toMatchObject({ ok: true, result: [] });
  expect((await exports.default.fetch(`${home}/sessions/owner/${crypto.randomUUID()}`, { method: "DELETE" })).status).toBe(404);
});
