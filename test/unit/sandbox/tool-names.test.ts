import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../../core/json.ts";
import type { Tool } from "../../../core/mcp/tool.ts";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

/** A server whose tool "add" adds another one while the program runs. */
function start({ adds = "added-one" }: { adds?: string } = {}) {
  const listed: Tool[] = [tool("add"), tool("page-1"), tool("then"), tool("set", { inputSchema: number })];
  const upstream = new FakeUpstream({
    hub: {
      tools: () => [...listed],
      answers: {
        add: () => {
          if (!listed.some(({ name }) => name === adds)) listed.push(tool(adds));
          return textResult("added");
        },
        [adds]: textResult("new"),
      },
    },
  });
  const session = startSession({ servers: [serverEntry("hub")], upstream });
  const run = (code: string) => session.run({ code: `import { hub } from "mcp-clients";\n${code}` });
  return { run, upstream };
}

const number = { type: "object", properties: { id: { type: "integer" } } };

describe("a tool that appears during a run", () => {
  test.each(["added-one", "page-2", "ADD_MORE"])("can be called with $call: %s", async (adds) => {
    const { run } = start({ adds });
    const code = `await hub.add({}); return [await hub.$call("${adds}", {}), (await hub.$raw("${adds}", {})).content.length];`;
    expect(await run(code)).toMatchObject({ ok: true, result: ["new", 1] });
  });

  test("is asked for once for all calls made before, and not for each wrong name", async () => {
    const { run, upstream } = start();
    const code = `await hub.add({});
      let refused = 0;
      for (let n = 0; n < 20; n++) await hub.$call("nothing" + n, {}).catch((error) => (refused += error.code === "tool_unknown" ? 1 : 0));
      return refused;`;
    expect(await run(code)).toMatchObject({ ok: true, result: 20 });
    expect(upstream.listed).toHaveLength(2);
  });

  test("is not expected in a program that calls nothing else, or where a name is misspelt", async () => {
    const { run, upstream } = start();
    for (const code of [
      `return await hub.$call("added-one", {});`,
      `await hub.add({}); return await hub.$call("page_1s-1", {});`,
    ]) {
      expect(await run(code)).toMatchObject({ ok: false, errors: [{ code: "tool_unknown" }] });
    }
    expect(upstream.called.filter(({ tool: name }) => name !== "add")).toEqual([]);
  });
});

describe("a tool that is called then", () => {
  test.each([`return await hub.then({});`, `return await hub["then"]({});`, `const { then } = hub; return await then({});`])(
    "is refused before the run, with the name to use: %s",
    async (code) => {
      const { run, upstream } = start();
      const outcome = await run(code);
      expect(outcome).toMatchObject({ ok: false, errors: [{ code: "tool_unknown", phase: "typecheck" }] });
      expect(outcome.errors?.[0]?.suggestions).toContain("then_");
      expect(upstream.called).toEqual([]);
    },
  );

  test("is refused if it is imported by name", async () => {
    const { run, upstream } = start();
    expect(await run(`import { then } from "mcp-clients/hub";\nreturn await then({});`)).toMatchObject({
      ok: false,
      errors: [{ code: "tool_unknown", suggestions: expect.arrayContaining(["then_"]) }],
    });
    expect(upstream.called).toEqual([]);
  });

  test("works by that name, and by its wire name with $call", async () => {
    expect(await start().run(`return [await hub.then_({}), await hub.$call("then", {})];`)).toMatchObject({
      result: ["ok", "ok"],
    });
  });
});

describe("an integer argument beyond 2^53", () => {
  const sent = async (code: string): Promise<{ outcome: object; args: JsonValue[] }> => {
    const { run, upstream } = start();
    const outcome = await run(code);
    return { outcome, args: upstream.called.map(({ args }) => args as JsonValue) };
  };

  test("is an error before the call if it is a literal", async () => {
    const { outcome, args } = await sent("return await hub.set({ id: 1915883588174806058 });");
    expect(outcome).toMatchObject({
      ok: false,
      errors: [{ code: "invalid_arguments", message: expect.stringContaining("BigInt") }],
    });
    expect(args).toEqual([]);
  });

  test("is passed on exactly if it is a BigInt, at any depth", async () => {
    const { outcome, args } = await sent(
      "const id = 1915883588174806058n; await hub.set({ id }); return await hub.add({ a: [{ id }] } as any);",
    );
    expect(outcome).toMatchObject({ ok: true });
    const mark = "\u0000integer:1915883588174806058";
    expect(args).toEqual([{ id: mark }, { a: [{ id: mark }] }]);
  });
});

test("$call and $raw take the name of a function too, and a wire name comes first", async () => {
  const tools = [tool("page-1"), tool("a-b"), tool("a_b")];
  const answers = { "page-1": textResult("page"), "a-b": textResult("dash"), a_b: textResult("underscore") };
  const upstream = new FakeUpstream({ hub: { tools, answers } });
  const code = `import { $call, $raw } from "mcp-clients/hub";
    const raw: any = await $raw("page_1", {});
    return [await $call("page_1", {}), raw.content[0].text, await $call("a_b", {}), await $call("a-b", {})];`;
  const { run } = startSession({ servers: [serverEntry("hub")], upstream });
  expect(await run({ code })).toMatchObject({ ok: true, result: ["page", "page", "underscore", "dash"] });
});
