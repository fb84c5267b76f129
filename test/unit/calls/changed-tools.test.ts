import { describe, expect, test } from "vitest";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

// Not pinned: what a person has accepted is in test/unit/policy/pins.test.ts.
const hub = serverEntry("hub", { pin: "off" });
const takes = (name: string) => ({ inputSchema: { type: "object", properties: { [name]: { type: "string" } } } });

/** The first call of "look" makes the server replace its tools by `after` and announce the change. */
function changingSession(after: ReturnType<typeof tool>[]) {
  const upstream = new FakeUpstream({ hub: { tools: [tool("look", takes("place"))] } });
  const session = startSession({ servers: [hub], upstream });
  const look = async () => {
    upstream.servers.set("hub", { tools: after });
    await session.orchestrator.toolsChanged("hub");
    return textResult("seen");
  };
  upstream.servers.set("hub", { tools: [tool("look", takes("place"))], answers: { look } });
  return session;
}

const twice = `import { hub } from "mcp-clients";
  const said = [];
  for (const place of ["a", "b"]) said.push(await hub.look({ place }).catch((error: any) => error.code));
  return said;`;

describe("a tool whose arguments change while a program runs", () => {
  test("is not called with arguments that were checked against the old schema", { tags: ["catalog.tool-changed"] }, async () => {
    const { run, upstream } = changingSession([tool("look", takes("where"))]);
    const { result, calls } = await run({ code: twice });
    expect(result).toEqual(["seen", "tool_changed"]);
    expect(calls?.map(({ outcome }) => outcome)).toEqual(["succeeded", "not_started"]);
    expect(upstream.called).toHaveLength(1);
  });

  test("is type-checked against the new schema in the next run", async () => {
    const { run } = changingSession([tool("look", takes("where"))]);
    await run({ code: twice });
    expect(await run({ code: twice })).toMatchObject({ ok: false, errors: [{ code: "type_error" }] });
    expect(await run({ code: `import { hub } from "mcp-clients"; return hub.look({ where: "a" });` })).toMatchObject({
      ok: true,
    });
  });
});

test("a tool of which only the description changes is still called", async () => {
  const { run } = changingSession([tool("look", { ...takes("place"), description: "Looks." })]);
  expect((await run({ code: twice })).result).toEqual(["seen", "ok"]);
});
