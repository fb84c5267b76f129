import { describe, expect, test } from "vitest";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { type Answer, FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const tools = [tool("find"), tool("typed", { outputSchema: { type: "object", properties: { a: { type: "number" } } } })];

function start(find: Answer) {
  const answers = { find, typed: { ...textResult(""), structuredContent: { a: 1, undeclared: 2 } } };
  const session = startSession({ servers: [serverEntry("hub")], upstream: new FakeUpstream({ hub: { tools, answers } }) });
  const describe = async (detail: string) => JSON.stringify(await session.orchestrator.describe({ id: "hub", detail }));
  return { ...session, describe };
}

const found = textResult('{"items":[{"id":"x1","secret":"s3cret"}],"next":null}');

describe("results of undeclared type", () => {
  test("are described as types marked Observed after a program has received one", {
    tags: ["clients.types-observed"],
  }, async () => {
    const { run, describe, upstream } = start(found);
    expect(await describe("schema")).not.toContain("Observed");
    expect(upstream.called).toEqual([]);

    await run({ code: "await hub.find({}); await hub.typed({}); return 1" });
    const declaration = await describe("schema");
    expect(declaration).toContain("export function find(args?: { [key: string]: unknown }): Promise<Observed<");
    expect(declaration).toContain("items: { id: string; secret: string }[]");
    expect(declaration).toContain("not declared by the server");
    expect(declaration).not.toMatch(/s3cret|x1|undeclared/);
    expect(await describe("tools")).toContain("Observed<{ items: { id: string; secret: string }[]; next: null }>");
  });

  test("block no program: a property that was never observed may be read, passed on and called", {
    tags: ["clients.types-observed"],
  }, async () => {
    const { run } = start(found);
    await run({ code: "return await hub.find({})" });
    const code = `const { items, next, total } = await hub.find({});
      const first = items[0].owner?.name ?? next?.page ?? total;
      await hub.typed({ first, id: items.length });
      return items.missing === undefined && first === undefined;`;
    expect(await run({ code })).toMatchObject({ ok: true, result: true });
  });

  test("with a name of megabytes have data for names", async () => {
    const { run, describe } = start(textResult(JSON.stringify({ [`${"e".repeat(2_000_000)}"`]: 1 })));
    expect(await run({ code: "await hub.find({}); return 1" })).toMatchObject({ ok: true });
    expect(await describe("schema")).toContain("Observed<{ [key: string]: number }>");
  });

  test("of a failed call are not observed", async () => {
    const { run, describe } = start({ ...textResult('{"a":1}'), isError: true });
    await run({ code: "try { await hub.find({}) } catch {} return 1" });
    expect(await describe("schema")).not.toContain("Observed");
  });

  test("have one type that covers all results so far", async () => {
    const answers = ['{"a":1}', '{"b":"x"}', "[]"];
    const { run, describe } = start(() => textResult(answers.shift() ?? ""));
    await run({ code: "await hub.find({}); await hub.find({}); await hub.find({}); return 1" });
    expect(await describe("schema")).toContain("Promise<Observed<unknown[] | { a?: number; b?: string }>>");
  });
});
