import { describe, expect, test } from "vitest";
import { nearMisses } from "../../../core/calls/near-miss.ts";
import { serverEntry } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const inputSchema = {
  type: "object" as const,
  properties: { query: { type: "string" }, filter: { type: "string" }, pageSize: { type: "number" }, id: { type: "string" } },
  additionalProperties: true,
};

describe("an argument that a tool does not declare", () => {
  test.each([
    [{ query: "x", fliter: "y" }, [{ sent: "fliter", meant: "filter" }]],
    [{ query: "x", page_size: 3 }, [{ sent: "page_size", meant: "pageSize" }]],
    [{ query: "x", Filter: "y" }, [{ sent: "Filter", meant: "filter" }]],
    [
      { qurey: "x", filters: "y" },
      [
        { sent: "qurey", meant: "query" },
        { sent: "filters", meant: "filter" },
      ],
    ],
    [{ query: "x", filter: "y", fliter: "z" }, []],
    [{ query: "x", language: "de" }, []],
    [{ query: "x", constructor: "y" }, []],
    [{}, []],
  ])("is a near miss where it resembles one that is left out: %j", (args, misses) => {
    expect(nearMisses({ inputSchema }, args)).toEqual(misses);
  });

  test("is none where the tool declares no parameters, or where there are very many", () => {
    expect(nearMisses({ inputSchema: { type: "object" } }, { fliter: 1 })).toEqual([]);
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key-${index}`, index]));
    expect(nearMisses({ inputSchema }, many)).toEqual([]);
  });

  test("goes through, and one log line names the neighbour", async () => {
    const upstream = new FakeUpstream({ hub: { tools: [{ name: "search", inputSchema }] } });
    const session = startSession({ servers: [serverEntry("hub")], upstream });
    const code = `const more = { fliter: "y" }; for (const query of ["a", "b"]) await hub.search({ query, ...more }); return 1;`;
    const outcome = await session.run({ code });
    expect(outcome).toMatchObject({ ok: true, result: 1 });
    expect(outcome.logs).toEqual([{ level: "warn", server: "hub", message: expect.stringContaining('Did you mean "filter"?') }]);
    expect(upstream.called.map(({ args }) => args)).toEqual([
      { query: "a", fliter: "y" },
      { query: "b", fliter: "y" },
    ]);
  });
});
