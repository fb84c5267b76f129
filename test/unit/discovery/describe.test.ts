import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { discoveryLimits } from "../../../core/discovery/discovery-limits.ts";
import { limits } from "../../../core/limits.ts";
import { serverEntry, tool } from "../../support/builders.ts";
import { FakeUpstream, offline } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";
import { diagnose } from "../../support/typescript.ts";

const person = { type: "object", properties: { name: { type: "string", minLength: 1 } }, required: ["name"] };
const tools = [
  tool("create-issue", { title: "Create", description: "Opens an issue.\n\nLong story.", inputSchema: person }),
  tool("list_issues", {
    description: "Lists issues.",
    outputSchema: { type: "object", properties: { count: { type: "integer" } } },
  }),
  tool("close"),
];

function session(listed = tools) {
  return startSession({
    servers: [serverEntry("hub", { domains: ["code"], examples: ["Open an issue."] }), serverEntry("hut"), serverEntry("gone")],
    upstream: new FakeUpstream({ hub: { tools: listed }, hut: { tools: [] }, gone: { tools: offline({ id: "gone" }) } }),
  });
}

async function describeMcp(input: object, listed = tools): Promise<Record<string, unknown>> {
  return { ...(await session(listed).orchestrator.describe(input)) };
}

test("detail summary shows the registry entry and never connects", { tags: ["describe.summary"] }, async () => {
  const { orchestrator, upstream } = session();
  expect(await orchestrator.describe({ id: "gone", detail: "summary" })).toEqual({
    id: "gone",
    title: "gone",
    summary: "The gone server.",
    status: "not_connected",
    sensitivity: "medium",
    visibility: "default",
    domains: [],
    tags: [],
    examples: [],
  });
  expect(upstream.listed).toEqual([]);
});

test("detail tools is the default, with wire name, signature and one line for each tool", {
  tags: ["describe.tools"],
}, async () => {
  expect(await describeMcp({ id: "hub" })).toEqual({
    id: "hub",
    tools: [
      { name: "create-issue", signature: "create_issue(args: { name: string }): Promise<any>", description: "Opens an issue." },
      { name: "list_issues", signature: expect.stringContaining("Promise<{ count?: number }>"), description: "Lists issues." },
      { name: "close", signature: expect.stringMatching(/^close\(/) },
    ],
    total: 3,
  });
});

test("detail schema is a declaration of the selected tools that compiles on its own", { tags: ["describe.schema"] }, async () => {
  const answer = await describeMcp({ id: "hub", detail: "schema", tools: ["create-issue"] });
  expect(answer).toEqual({ id: "hub", tools: ["create-issue"], declaration: expect.any(String) });
  const declaration = String(answer.declaration);
  expect(declaration).toContain("export function create_issue(args: {");
  expect(declaration).not.toContain("list_issues");
  expect(diagnose({ "mcp-clients/hub.d.ts": declaration })).toEqual([]);
});

describe("a selection of tools", () => {
  test("by name keeps the requested order, without duplicates", async () => {
    expect(await describeMcp({ id: "hub", tools: ["close", "create-issue", "close"] })).toMatchObject({
      tools: [{ name: "close" }, { name: "create-issue" }],
    });
  });

  test("by an empty list of names selects all", async () => {
    expect(await describeMcp({ id: "hub", tools: [] })).toMatchObject({ total: 3, tools: { length: 3 } });
  });

  test("by query selects what matches, or all if nothing does", async () => {
    expect(await describeMcp({ id: "hub", query: "list" })).toMatchObject({ tools: [{ name: "list_issues" }] });
    expect(await describeMcp({ id: "hub", query: "zzzqqq" })).toMatchObject({ tools: { length: 3 }, weak: true });
    expect(await describeMcp({ id: "hub", query: " " })).not.toHaveProperty("weak");
  });

  test("by a query that has the form of a name shows that tool opened, and few others", {
    tags: ["describe.query"],
  }, async () => {
    const inner = { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } };
    const address = { type: "object", properties: { address: inner } };
    const many = ["set", "set_all", "set_one", "set_two", "set_address"].map((name) => tool(name, { inputSchema: address }));
    const answer = await describeMcp({ id: "hub", query: "set_address" }, many);
    const signature = expect.stringContaining("address?: { street?: string; city?: string }");
    expect(answer).toMatchObject({ tools: { length: 3, 0: { name: "set_address", signature } }, omitted: { length: 2 } });
    expect(await describeMcp({ id: "hub", query: "set-address", detail: "schema" }, many)).toMatchObject({
      tools: ["set_address"],
    });
    // A word is one of several meanings, even where a tool has it as its name.
    expect(await describeMcp({ id: "hub", query: "set" }, many)).toMatchObject({ tools: { length: 5, 0: { name: "set" } } });
  });

  test("by a query shows the best tools of each wish of a sentence", { tags: ["describe.query"] }, async () => {
    const issues = Array.from({ length: 20 }, (_, at) => tool(`list_issues_${at}`, { description: "Lists issues." }));
    const many = [...issues, tool("delete_branch", { description: "Deletes a branch." })];
    for (const query of ["list the issues and delete a branch", ["list issues", "delete a branch"]]) {
      const lines = JSON.stringify((await describeMcp({ id: "hub", query }, many)).tools);
      expect(lines).toContain("delete_branch");
      expect(lines).toContain("list_issues_");
    }
    expect(JSON.stringify(await describeMcp({ id: "hub", query: "list the issues" }, many))).not.toContain("delete_branch");
  });

  test("by a query that nothing matches names all tools of a server that has more than a query shows", {
    tags: ["describe.query"],
  }, async () => {
    const some = Array.from({ length: discoveryLimits.describeMatches + 1 }, (_, at) => tool(`tool_${at}`));
    const answer = await describeMcp({ id: "hub", query: "zzzqqq" }, some);
    expect(answer).toEqual({
      ...{ id: "hub", total: some.length, weak: true, message: expect.stringMatching(/^No tool matches the query/) },
      tools: some.map(({ name }) => ({ name })),
    });
    const few = await describeMcp({ id: "hub", query: "zzzqqq" }, some.slice(1));
    expect(few).toMatchObject({ weak: true, tools: { length: some.length - 1, 0: { signature: expect.any(String) } } });
  });

  test("by a query declares five tools and names the others", { tags: ["describe.schema"] }, async () => {
    const many = Array.from({ length: 8 }, (_, at) => tool(`close_${at}`, { description: "Closes an issue." }));
    for (const query of ["close an issue", "zzzqqq"]) {
      const answer = await describeMcp({ id: "hub", query, detail: "schema" }, many);
      expect(answer).toMatchObject({ tools: { length: discoveryLimits.schemaMatches }, omitted: { length: 3 } });
    }
    expect(await describeMcp({ id: "hub", detail: "schema" }, many)).toMatchObject({ tools: { length: 8 } });
  });

  test("by identifier is the same as by wire name", { tags: ["describe.query"] }, async () => {
    expect(await describeMcp({ id: "hub", tools: ["create_issue", "create-issue"] })).toMatchObject({
      tools: [{ name: "create-issue" }],
    });
  });

  test("of up to three tools opens their arguments a level deeper, however they were selected", {
    tags: ["describe.query"],
  }, async () => {
    const field = { type: "string" };
    const inner = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`inner_option_${at}`, field]));
    const properties = { filter: { type: "object", properties: inner }, sort: { type: "object", properties: inner } };
    const deep = ["a", "b", "c", "d"].map((name) => tool(name, { inputSchema: { type: "object", properties } }));
    const opened = JSON.stringify(await describeMcp({ id: "hub", tools: ["a"] }, deep));
    const found = JSON.stringify(await describeMcp({ id: "hub", query: "a" }, deep));
    const whole = JSON.stringify(await describeMcp({ id: "hub" }, deep.slice(1)));
    const closed = JSON.stringify(await describeMcp({ id: "hub", tools: ["a", "b", "c", "d"] }, deep));
    for (const few of [opened, found, whole]) expect(few).toContain("inner_option_7?: string");
    expect(closed).not.toContain("inner_option_7?: string");
    // What is left out is named where there is room.
    expect(closed).toContain("filter?: {");
  });

  test("names the alternatives of an argument by the value that tells them apart", { tags: ["describe.query"] }, async () => {
    const text = (name: string, more: string[]) => ({
      type: "object",
      properties: { ...Object.fromEntries(more.map((field) => [field, { type: "string" }])), type: { const: name } },
      required: ["type"],
    });
    const styles = Array.from({ length: 24 }, (_, at) => `style_option_${at}`);
    const items = {
      anyOf: [text("text", styles), text("heading", styles), text("image", ["path"]), { $ref: "#/$defs/page" }],
    };
    const print = tool("print", {
      inputSchema: {
        type: "object",
        properties: { content: { type: "array", items } },
        required: ["content"],
        $defs: { page: { type: "object", properties: { kind: { const: "break" } }, required: ["kind"] } },
      },
    });
    const [line] = JSON.parse(JSON.stringify(await describeMcp({ id: "hub", tools: ["print"] }, [print]))).tools;
    expect(line.signature).toMatch(/\{ …type: "text" \| "heading", style_option_0\?, .*style_option_23\? \}/);
    expect(line.signature).toContain('| { …type: "image", path? } | { …kind: "break" })[]');
  });

  test("of more tools names the arguments that are left out, where they are few", { tags: ["describe.tools"] }, async () => {
    const wide = (count: number) => {
      const properties = Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`option_number_${at}`, { type: "string" }]),
      );
      return ["a", "b", "c", "d"].map((name) => tool(name, { inputSchema: { type: "object", properties } }));
    };
    const signatures = async (count: number) => JSON.stringify(await describeMcp({ id: "hub" }, wide(count)));
    expect(await signatures(9)).toMatch(
      /option_number_4\?: string; …option_number_5\?, option_number_6\?, .*option_number_8\? \}/,
    );
    expect(await signatures(30)).toMatch(/option_number_4\?: string; … \}/);
  });

  test("in another case or with other separators is the one that is meant, if there is only one", {
    tags: ["describe.query"],
  }, async () => {
    const tools = ["read_file", "list-all", "list_all", "ファイル"].map((name) => tool(name));
    const wanted = ["readFile", "Read-File"];
    expect(await describeMcp({ id: "HUB", tools: wanted }, tools)).toMatchObject({ id: "hub", tools: [{ name: "read_file" }] });
    for (const name of ["listAll", "画像"]) {
      expect(await describeMcp({ id: "hub", tools: [name] }, tools)).toMatchObject({ errors: [{ code: "tool_unknown" }] });
    }
  });

  test.each(["hub.read_file", "hub/read_file", "read_file", "readFile"])(
    "in place of its server is told how both are written: %s",
    async (id) => {
      const tools = [tool("read_file")];
      const { orchestrator } = startSession({ servers: [serverEntry("hub")], upstream: new FakeUpstream({ hub: { tools } }) });
      await orchestrator.describe({ id: "hub" });
      expect(await orchestrator.describe({ id })).toMatchObject({
        errors: [
          { code: "server_unknown", suggestions: [expect.stringMatching(/^\{ id: "hub", tools: \["read_?[fF]ile"\] \}$/)] },
        ],
      });
      expect(await orchestrator.describe({ id: "else.read_file" })).toMatchObject({
        errors: [{ code: "server_unknown", message: expect.stringMatching(/^No server/) }],
      });
    },
  );

  test("with an unknown tool is an error that names the closest one", { tags: ["describe.unknown"] }, async () => {
    expect(await describeMcp({ id: "hub", tools: ["creatIssue", "close"] })).toEqual({
      ok: false,
      errors: [
        {
          code: "tool_unknown",
          phase: "input",
          message: 'No tool "creatIssue" on hub. Closest: create-issue.',
          retryable: false,
          server: "hub",
          suggestions: ["create-issue"],
        },
      ],
    });
  });

  test("with a tool that nothing resembles names all that there are, or what finds one", {
    tags: ["describe.unknown"],
  }, async () => {
    const messageFor = async (listed: typeof tools) => {
      const { errors } = await describeMcp({ id: "hub", tools: ["zzzqqq"] }, listed);
      return Array.isArray(errors) ? errors[0].message : undefined;
    };
    expect(await messageFor(tools)).toBe('No tool "zzzqqq" on hub. Its tools: create-issue, list_issues, close.');
    expect(await messageFor([])).toBe('No tool "zzzqqq" on hub. It has no tools.');
    const many = Array.from({ length: 100 }, (_, at) => tool(`tool_${at}`));
    expect(await messageFor(many)).toBe('No tool "zzzqqq" on hub. Pass `query` to find one.');
  });

  test("with thousands of wrong names gets a short answer", async () => {
    const answer = await describeMcp({
      id: "hub",
      tools: Array.from({ length: 2_000 }, (_, index) => `${"n".repeat(5_000)}${index}`),
    });
    expect(JSON.stringify(answer).length).toBeLessThan(5_000);
  });
});

test("a server without tools is described by what else it may have", { tags: ["describe.tools"] }, async () => {
  const message = "It has no tools. What else it may have: hut.$resources.list(), hut.$prompts.list().";
  expect(await describeMcp({ id: "hut" })).toEqual({ id: "hut", tools: [], total: 0, message });
  expect(await describeMcp({ id: "hut", query: "page" })).toMatchObject({ message });
});

test("a server that can no longer be listed is described from the cache, with the reason", {
  tags: ["catalog.stale"],
}, async () => {
  const { orchestrator, upstream } = session();
  await orchestrator.describe({ id: "hub" });
  upstream.servers.set("hub", { tools: offline({ id: "hub" }) });
  await orchestrator.toolsChanged("hub");
  expect(await orchestrator.describe({ id: "hub" })).toMatchObject({
    status: "unavailable",
    reason: "hub cannot be reached.",
    tools: { length: 3 },
  });
});

describe("a server with many tools", () => {
  const widest = {
    type: "object",
    properties: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`field_number_${at}`, { type: "string" }])),
  };
  const names = (count: number) => Array.from({ length: count }, (_, index) => tool(`tool_${index}`));

  test("is shown as far as it fits, and the other tools are named", { tags: ["describe.large"] }, async () => {
    const wide = Array.from({ length: 60 }, (_, index) =>
      tool(`tool_${index}`, { description: `Does thing ${index} ${"with care ".repeat(15)}`, inputSchema: widest }),
    );
    const answer = await describeMcp({ id: "hub" }, wide);
    const { tools: lines, omitted } = answer;
    if (!Array.isArray(lines) || !Array.isArray(omitted)) throw new Error("the answer has no lists");
    expect(lines.length + omitted.length).toBe(60);
    expect(JSON.stringify(lines).length).toBeLessThanOrEqual(discoveryLimits.describeToolsCharsMax + lines.length + 1);
    expect(omitted[0]).toBe(`tool_${lines.length}`);
  });

  test("is described up to sixty of them, and with one more only their names are shown", {
    tags: ["describe.large"],
  }, async () => {
    const most = discoveryLimits.describeAllToolsMax;
    const whole = await describeMcp({ id: "hub" }, names(most));
    expect(whole).toMatchObject({ tools: { length: most, 0: { signature: expect.any(String) } } });
    expect(whole).not.toHaveProperty("omitted");
    const answer = await describeMcp({ id: "hub" }, names(most + 1));
    expect(answer).toEqual({
      id: "hub",
      tools: names(most + 1).map(({ name }) => ({ name })),
      total: most + 1,
      message: expect.stringContaining("pass `query`"),
    });
  });

  test("shows twelve lines for a query and names the rest, the exact name always first", {
    tags: ["describe.query"],
  }, async () => {
    const many = [...names(40).map((one) => tool(`${one.name}_issue`, { description: "Issue issue issue." })), tool("issue")];
    const answer = await describeMcp({ id: "hub", query: "issue" }, many);
    expect(answer).toMatchObject({ tools: { length: discoveryLimits.describeMatches, 0: { name: "issue" } }, total: 41 });
    expect(answer.omitted).toHaveLength(41 - discoveryLimits.describeMatches);
  });

  test("shows at least one tool, even if it exceeds the limit alone", async () => {
    const [long] = names(1);
    expect(discoveryLimits.describeToolsCharsMax).toBeGreaterThan(1_000);
    const wide = tool("w".repeat(256), { ...long, description: "d".repeat(5_000) });
    expect(await describeMcp({ id: "hub" }, [wide])).toMatchObject({ tools: { length: 1 } });
  });

  test("costs less than 6,000 tokens with a thousand of them, and a query finds any", {
    tags: ["describe.large"],
  }, async () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      tool(`resource_${index}_${index % 2 === 0 ? "create" : "delete"}`, {
        description: `Handles resource ${index} of the account. ${"More words about it. ".repeat(20)}`,
        inputSchema: person,
      }),
    );
    const answer = await describeMcp({ id: "hub" }, many);
    expect(countTokens(JSON.stringify(answer))).toBeLessThan(6_000);
    expect(answer).toMatchObject({ total: 1_000 });
    expect(await describeMcp({ id: "hub", query: "delete resource 777" }, many)).toMatchObject({
      tools: expect.arrayContaining([expect.objectContaining({ name: "resource_777_delete" })]),
    });
  });

  test("names a limited number of omitted tools and counts the others", async () => {
    const answer = await describeMcp({ id: "hub" }, names(limits.toolsPerServerMax));
    const omitted = Array.isArray(answer.omitted) ? answer.omitted : [];
    expect(answer.tools).toHaveLength(discoveryLimits.describeOmittedMax);
    const rest = limits.toolsPerServerMax - discoveryLimits.describeOmittedMax;
    expect(omitted).toEqual([`… ${rest} more; pass a query to narrow them down`]);
  });

  test("gets a declaration that omits whole tools, names them, and still compiles", { tags: ["describe.schema"] }, async () => {
    const fat = (name: string, count: number) =>
      tool(name, {
        inputSchema: {
          type: "object",
          properties: Object.fromEntries(
            Array.from({ length: count }, (_, index) => [`field_${index}_of_${name}`, { type: "string" }]),
          ),
        },
      });
    const many = Array.from({ length: 20 }, (_, index) => fat(`wide_${index}`, 60));
    const answer = await describeMcp({ id: "hub", detail: "schema" }, [fat("small", 3), ...many, fat("little", 3)]);
    const declared = Array.isArray(answer.tools) ? answer.tools : [];
    const omitted = Array.isArray(answer.omitted) ? answer.omitted : [];
    expect(declared).toEqual(expect.arrayContaining(["small", "wide_0", "little"]));
    expect(omitted).toContain("wide_19");
    expect([...declared, ...omitted]).toHaveLength(22);
    expect(String(answer.declaration).length).toBeLessThanOrEqual(discoveryLimits.describeSchemaCharsMax);
    expect(diagnose({ "mcp-clients/hub.d.ts": String(answer.declaration) })).toEqual([]);
  });
});

describe("an error", () => {
  test("for an unknown id names the closest ones", { tags: ["describe.unknown"] }, async () => {
    expect(await describeMcp({ id: "hubb" })).toEqual({
      ok: false,
      errors: [expect.objectContaining({ code: "server_unknown", phase: "input", suggestions: ["hub", "hut"] })],
    });
  });

  test("for an id of a megabyte does not repeat it", async () => {
    expect(JSON.stringify(await describeMcp({ id: "x".repeat(1_000_000) })).length).toBeLessThan(1_000);
  });

  test("for a server that cannot be reached gives the reason", async () => {
    expect(await describeMcp({ id: "gone" })).toEqual({
      ok: false,
      errors: [{ code: "server_unavailable", phase: "tool", message: "gone cannot be reached.", retryable: true }],
    });
  });

  test.each([{}, { id: 1 }, { id: "hub", detail: "all" }, { id: "hub", tools: { close: true } }])(
    "for wrong input is invalid_input: %j",
    async (input) => {
      expect(await describeMcp(input)).toMatchObject({ ok: false, errors: [{ code: "invalid_input", phase: "input" }] });
    },
  );
});
