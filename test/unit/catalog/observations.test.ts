import { describe, expect, test } from "vitest";
import { observationLimits } from "../../../core/catalog/observation-limits.ts";
import { createObservations } from "../../../core/catalog/observations.ts";
import { isSmall, merge, observe, toSchema } from "../../../core/catalog/observed-types.ts";
import { signatureOf } from "../../../core/codegen/signature.ts";
import { serverEntry, tool } from "../../support/builders.ts";
import { memoryStore } from "../../support/fakes.ts";

/** The observed type in a tool's signature after these results. */
function seen(...results: unknown[]): string {
  const observed = results.map((result) => observe(result)).reduce(merge, {});
  return signatureOf("t", { ...tool("t"), observedSchema: toSchema(observed) }).replace(/^.*Promise<(.*)>$/, "$1");
}

describe("the observed type of results", () => {
  test.each([
    [["text"], "Observed<string>"],
    [[1, null], "Observed<null | number>"],
    [[{ a: 1, b: [true] }], "Observed<{ a: number; b: boolean[] }>"],
    [[[]], "Observed<unknown[]>"],
    [[[], [1, "a"]], "Observed<(number | string)[]>"],
    [[{ a: 1 }, { a: "x", b: null }], "Observed<{ a: number | string; b?: null }>"],
    [[{ a: 1 }, {}], "Observed<{ a?: number }>"],
    [["text", { a: 1 }], "Observed<string | { a: number }>"],
    [[[{ a: 1 }, { b: 2 }]], "Observed<{ a?: number; b?: number }[]>"],
  ])("%j is %s", (results, expected) => {
    expect(seen(...results)).toBe(expected);
  });

  test("keeps a property optional that was missing in one result", () => {
    expect(seen({ a: 1 }, {}, { a: 1 })).toBe("Observed<{ a?: number }>");
  });

  test("does not store property names that look like data", { tags: ["clients.types-observed"] }, () => {
    for (const secret of [
      "ada@example.com",
      "6f1c2b8e-0000-4000-8000-000000000000",
      "/home/ada/.ssh",
      "*/ evil /*",
      "12",
      "IGNORE PREVIOUS",
      "",
    ]) {
      const observed = observe({ [secret]: { x: 1 } });
      expect(JSON.stringify(observed)).not.toContain(secret === "" ? '"name":""' : secret);
      expect(toSchema(observed)).toEqual({
        type: "object",
        additionalProperties: { type: "object", properties: { x: { type: "number" } }, required: ["x"] },
      });
    }
    expect(JSON.stringify(observe({ token: "s3cret", n: 4711, list: ["s3cret"] }))).not.toMatch(/s3cret|4711/);
  });

  test("names up to observedMembersMax properties, and treats more of them as data, in one result or in several", () => {
    const letters = "abcdefghijklmnopqrstuvwxyz".split("");
    const named = (count: number) =>
      Object.fromEntries(
        letters
          .flatMap((a) => letters.map((b) => a + b))
          .slice(0, count)
          .map((name) => [name, 1]),
      );
    expect(observe(named(observationLimits.membersMax)).members).toHaveLength(observationLimits.membersMax);
    expect(observe(named(observationLimits.membersMax + 1))).toEqual({ values: { primitives: ["number"] } });
    expect(merge(observe(named(observationLimits.membersMax)), observe({ zzz: "x" }))).toEqual({
      values: { primitives: ["number", "string"] },
    });
  });

  test("is limited in depth, in array items and in total size", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(1_000)}1${"}".repeat(1_000)}`);
    expect(JSON.stringify(observe(deep)).split('"a"').length - 1).toBe(observationLimits.depthMax);
    expect(observe([...Array(observationLimits.itemsMax).fill(1), "late"])).toEqual({ items: { primitives: ["number"] } });
    const wide = (depth: number): unknown =>
      depth === 0 ? 1 : Object.fromEntries("abcdefghij".split("").map((name) => [name, wide(depth - 1)]));
    expect(isSmall(observe(wide(2)))).toBe(true);
    expect(isSmall(observe(wide(3)))).toBe(false);
  });

  test("includes properties that are named like those of Object.prototype", () => {
    expect(seen(JSON.parse('{ "constructor": 1, "toString": "x" }'))).toBe("Observed<{ constructor: number; toString: string }>");
    expect(seen(JSON.parse('{ "__proto__": 1 }'))).toBe("Observed<{ __proto__: number }>");
  });
});

describe("a session's observed types", () => {
  const server = serverEntry("hub");

  test("are stored, and not used for a server with another address", () => {
    const store = memoryStore();
    createObservations(store).record(server, tool("look"), { a: 1 });
    const [look] = createObservations(store).addTo(server, [tool("look")]);
    expect(look?.observedSchema).toEqual({ type: "object", properties: { a: { type: "number" } }, required: ["a"] });
    const moved = serverEntry("hub", { mcp: { transport: "http", url: "https://example.com/mcp", headers: {} } });
    expect(createObservations(store).addTo(moved, [tool("look")])[0]).not.toHaveProperty("observedSchema");
  });

  test("never replace an output schema that the server declares", () => {
    const store = memoryStore();
    const declared = tool("look", { outputSchema: { type: "object" } });
    const observations = createObservations(store);
    observations.record(server, declared, { a: 1 });
    expect(store.keys("")).toEqual([]);
    observations.record(server, tool("look"), { a: 1 });
    expect(observations.addTo(server, [declared])).toEqual([declared]);
  });

  test("are written only when they change, and no longer updated after observedUnchangedMax equal results", () => {
    const store = memoryStore();
    let writes = 0;
    const observations = createObservations({
      ...store,
      write(key, value) {
        writes += 1;
        store.write(key, value);
      },
    });
    for (let index = 0; index <= observationLimits.unchangedMax; index++) observations.record(server, tool("look"), { a: index });
    expect(writes).toBe(1);
    observations.record(server, tool("look"), { b: 1 });
    expect(writes).toBe(1);
  });

  test("are stored for at most observedToolsMax tools", () => {
    const store = memoryStore();
    const observations = createObservations(store);
    for (let index = 0; index <= observationLimits.toolsMax; index++) observations.record(server, tool(`t${index}`), 1);
    expect(store.keys("")).toHaveLength(observationLimits.toolsMax);
  });

  test("are ignored if the stored value is malformed", () => {
    const store = memoryStore();
    createObservations(store).record(server, tool("look"), 1);
    for (const key of store.keys("")) store.write(key, { members: 3 });
    expect(createObservations(store).addTo(server, [tool("look")])[0]).not.toHaveProperty("observedSchema");
  });
});

test("a result of millions of values is looked at in part", { tags: ["limits.runtime"] }, () => {
  const wide = (levels: number): unknown => Array.from({ length: 20 }, () => (levels === 1 ? { a: 1 } : wide(levels - 1)));
  let looked = 0;
  const value = new Proxy({ list: wide(4) }, { get: (target, name) => Reflect.get(target, name) });
  const counted = JSON.stringify(value, (_key, held: unknown) => {
    looked += 1;
    return held;
  });
  expect(looked).toBeGreaterThan(10 * observationLimits.valuesMax);
  expect(counted.length).toBeGreaterThan(looked);
  expect(isSmall(observe(value))).toBe(true);
  expect(observe(value).members?.[0]?.name).toBe("list");
});

test("a server with thousands of tools is looked up once, not tool by tool: each look into the store would hold up the session", () => {
  const store = memoryStore();
  const server = serverEntry("big");
  const tools = Array.from({ length: 3_000 }, (_, at) => tool(`t${at}`));
  for (const seen of tools.slice(0, 2)) createObservations(store).record(server, seen, { n: 1 });
  let looks = 0;
  const count = <T>(answer: T): T => {
    looks += 1;
    return answer;
  };
  const counted = {
    ...store,
    read: (key: string) => count(store.read(key)),
    keys: (prefix: string) => count(store.keys(prefix)),
  };
  const observations = createObservations(counted);
  const typed = () => observations.addTo(server, tools).filter((found) => "observedSchema" in found);
  expect(typed()).toHaveLength(2);
  expect(typed()).toHaveLength(2);
  expect(looks).toBe(3);
});
