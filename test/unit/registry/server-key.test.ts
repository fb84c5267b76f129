import { describe, expect, test } from "vitest";
import type { ServerEntry } from "../../../core/registry/registry.ts";
import { keepOnly, serverKey } from "../../../core/registry/server-key.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream, memoryStore } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const token = "ghp_0123456789abcdefghij";
const remote = (url: string): ServerEntry =>
  serverEntry("a", { mcp: { transport: "http", url, headers: { Authorization: `Bearer ${token}` } } });
const here = remote("https://one.example/mcp");

describe("the stored data of a server", () => {
  test("has a key that does not reveal the server's address or command", { tags: ["catalog.kept"] }, () => {
    const key = serverKey("catalogue", here);
    expect(key).toMatch(/^catalogue\/a\/[0-9a-f]{16}$/);
    expect(serverKey("observed", here)).toBe(key.replace("catalogue", "observed"));
    expect(serverKey("catalogue", remote("https://two.example/mcp"))).not.toBe(key);
    expect(serverKey("catalogue", { ...here, title: "Another" })).toBe(key);
  });

  test("is deleted when its entry is removed or has another address, and nothing else is deleted", {
    tags: ["catalog.kept"],
  }, () => {
    const store = memoryStore();
    const [gone, stays] = [serverEntry("gone"), serverEntry("stays")];
    const kept = [serverKey("catalogue", stays), `${serverKey("observed", stays)}/a/b`, "result/1/r", "value/catalogue/gone"];
    const removed = [
      serverKey("catalogue", gone),
      `${serverKey("observed", gone)}/t`,
      serverKey("catalogue", here),
      `catalogue/stays/${JSON.stringify(stays.mcp)}`,
    ];
    for (const key of [...kept, ...removed]) store.write(key, 1);
    keepOnly([stays, remote("https://two.example/mcp")], store);
    expect(store.keys("")).toEqual(kept.toSorted());
    keepOnly([], store);
    expect(store.keys("")).toEqual(["result/1/r", "value/catalogue/gone"]);
  });

  test("is deleted by the next session whose registry lacks the server, and no key contains a secret", {
    tags: ["catalog.kept"],
  }, async () => {
    const upstream = new FakeUpstream({ a: { tools: [tool("look")], answers: { look: textResult('{"seen":1}') } } });
    const first = startSession({ servers: [here], upstream });
    expect(await first.run({ code: "return a.look({});" })).toMatchObject({ ok: true });
    const keys = first.store.keys("");
    expect(keys.filter((key) => /^(catalogue|observed)\//.test(key))).toHaveLength(2);
    expect(keys.filter((key) => key.includes(token) || key.includes("one.example"))).toEqual([]);
    startSession({ servers: [here], store: first.store });
    expect(first.store.keys("")).toEqual(keys);
    startSession({ servers: [serverEntry("b")], store: first.store });
    expect(first.store.keys("")).toEqual([]);
  });
});
