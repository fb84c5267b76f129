import { expect, test } from "vitest";
import { countRecord, noCounts } from "../../../core/audit/metrics.ts";
import { createSystemServer } from "../../../core/built-in/system-server.ts";
import { createSearchMemory } from "../../../core/discovery/search-memory.ts";
import { runtimeConfig } from "../../../worker/runtime-config.ts";
import { memoryStore } from "../../support/fakes.ts";

function startSystem(status = "ready") {
  const counts = noCounts();
  const memory = createSearchMemory({ store: memoryStore(), clock: { now: () => 0, after: () => () => {} } });
  const server = createSystemServer({
    version: "1.2.3",
    state: () => ({ bridges: 1, storageBytes: 10, servers: [{ id: "hub", status }] }),
    counts: () => counts,
    config: () => ({ limits: { runMs: 1 } }),
    memory,
  });
  const call = async (tool: string) =>
    (await server.callTool({ tool, args: {} }, { signal: new AbortController().signal, timeoutMs: 1_000 })).structuredContent;
  return { server, counts, call, memory };
}

test("is not shown unless it is asked for", () => {
  expect(startSystem().server.entry).toMatchObject({ id: "system", visibility: "opt_in", sensitivity: "low" });
});

test.each([
  ["ready", "ok"],
  ["not_connected", "ok"],
  ["bridge_offline", "degraded"],
])("says of a %s server that the session is %s", { tags: ["system.server"] }, async (status, health) => {
  expect(await startSystem(status).call("health")).toEqual({
    ...{ status: health, version: "1.2.3", bridges: 1, storageBytes: 10 },
    servers: [{ id: "hub", status }],
  });
});

test("counts what the session did", { tags: ["system.server"] }, async () => {
  const { counts, call } = startSystem();
  countRecord(counts, { action: "execute", outcome: "failed", code: "run_timeout" });
  countRecord(counts, { action: "call", outcome: "succeeded", server: "hub", tool: "look" });
  countRecord(counts, { action: "denial", outcome: "not_started", rule: "visibility" });
  expect(await call("guard_metrics")).toEqual({
    runs: { failed: 1 },
    calls: [{ server: "hub", tool: "look", outcome: "succeeded", count: 1 }],
    errors: { run_timeout: 1 },
    denials: { visibility: 1 },
  });
  expect(await call("runtime_config")).toEqual({ limits: { runMs: 1 } });
});

test("shows which tools helped with which wishes, and forgets them", { tags: ["list.learnt"] }, async () => {
  const { memory, call } = startSystem();
  memory.listed(["send a note"], [{ id: "chat", tools: [{ name: "post" }] }]);
  memory.called([{ server: "chat", tool: "post" }]);
  expect(await call("search_memory")).toEqual({
    helped: [{ words: ["send", "note"], server: "chat", tool: "post", count: 1, lastAt: "1970-01-01T00:00:00.000Z" }],
  });
  expect(await call("forget_search_memory")).toEqual({ forgotten: 1 });
  expect(await call("search_memory")).toEqual({ helped: [] });
});

test("the configuration holds no secret", { tags: ["system.server"] }, () => {
  const secret = "a-secret-of-at-least-32-characters-0123456789";
  const config = runtimeConfig({
    ...{ AUTH_TOKEN: secret, BRIDGE_TOKEN: secret, OAUTH_KEY: secret, OAUTH_PASSPHRASE: secret, OIDC_CLIENT_SECRET: secret },
    MAX_RUN_MS: "5000",
  });
  expect(JSON.stringify(config)).not.toContain(secret);
  expect(config).toMatchObject({ limits: { runMs: 5_000, runMsMax: 5_000 }, access: { ownerToken: true }, serverLogins: true });
});
