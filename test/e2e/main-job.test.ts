import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientKinds, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/*
 * Discover, describe, write code, execute: the whole product in its own processes, against the published servers, with
 * both official clients.
 */

const core = join(projectRoot, "core");

const registry = {
  servers: [
    {
      id: "time",
      title: "Time",
      summary: "Current date and time in any IANA time zone, and conversion between zones.",
      mcp: { transport: "stdio", command: "time-mcp" },
      domains: ["time"],
      tags: ["clock", "timezone"],
      sensitivity: "low",
    },
    {
      id: "grep",
      title: "Grep",
      summary: "Fast regular-expression search through the text of the files of a folder.",
      mcp: { transport: "stdio", command: "mcp-ripgrep" },
      domains: ["code"],
      tags: ["ripgrep", "find"],
      sensitivity: "low",
    },
    {
      id: "memory",
      title: "Memory",
      summary: "A knowledge graph of entities and relations.",
      // In the product's temporary folder, which is deleted with it.
      mcp: {
        transport: "stdio",
        command: "mcp-server-memory",
        env: { MEMORY_FILE_PATH: "${env:TMPDIR}/memory.jsonl" },
      },
      domains: ["knowledge"],
    },
    {
      id: "everything",
      title: "Everything",
      summary: "The reference test server: echo, images, structured content.",
      mcp: { transport: "stdio", command: "mcp-server-everything" },
      domains: ["testing"],
    },
    {
      id: "on-request",
      title: "On request",
      summary: "Another clock, only for programs that name it.",
      mcp: { transport: "stdio", command: "time-mcp" },
      visibility: "opt_in",
    },
    {
      id: "secrets",
      title: "Secrets",
      summary: "Another clock, of high sensitivity.",
      mcp: { transport: "stdio", command: "time-mcp" },
      sensitivity: "high",
      tools: { alwaysAllow: ["current_*"] },
    },
    {
      id: "ghost",
      title: "Ghost",
      summary: "A server whose program is not installed.",
      mcp: { transport: "stdio", command: "no-such-program-here" },
    },
    { id: "broken", title: "Broken", mcp: { transport: "stdio" } },
  ],
};

let product: Product;
let longRun: Promise<{ contentType: string | null; body: string }>;

beforeAll(async () => {
  product = await startProduct({ registry });
  // Runs in parallel with everything below.
  longRun = runLongerThanAMinute(product.url);
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

describe.each(clientKinds)("with $title", ({ connect, protocol }) => {
  let client: McpClient;

  beforeAll(async () => {
    client = await connect(`${product.url}/mcp`);
  });

  afterAll(async () => {
    await client?.close();
  });

  const execute = (input: object) => client.call("execute_mcp_code", input);
  const run = async (code: string, input: object = {}) => (await execute({ code, ...input })).structured;

  describe("discovers", () => {
    it("speaks the newest protocol version of the client, and explains the workflow in its instructions", {
      tags: ["surface.protocols"],
    }, () => {
      expect(client.protocol).toBe(protocol);
      expect(client.instructions).toContain("list_mcp_capabilities");
      expect(client.instructions).toContain("time");
      expect(client.instructions).not.toContain("secrets");
    });

    it("lists three tools that Claude Code loads at once", { tags: ["surface.three-tools"] }, async () => {
      const tools = await client.listTools();

      expect(tools.map((tool) => tool.name)).toEqual(["list_mcp_capabilities", "describe_mcp", "execute_mcp_code"]);
      for (const tool of tools) expect(tool._meta).toMatchObject({ "anthropic/alwaysLoad": true });
      expect(tools[0]?.annotations).toMatchObject({ readOnlyHint: true });
      expect(tools[2]?.annotations).toMatchObject({ readOnlyHint: false });
      expect(tools[2]?._meta).toHaveProperty("anthropic/maxResultSizeChars");
    });

    it.each([
      ["time zone", "time"],
      ["search text in files", "grep"],
      ["echo a message", "everything"],
    ])("finds for %j the server %s with its tools", async (query, id) => {
      const { structured, isError } = await client.call("list_mcp_capabilities", { query });

      expect(isError).toBe(false);
      const [first] = serversOf(structured);
      expect(first).toMatchObject({ id, status: "ready", tools: expect.any(Array) });
      expect(first).not.toHaveProperty("weak");
    });

    it("shows each default server with its status, and the problem of an invalid entry", async () => {
      const { structured } = await client.call("list_mcp_capabilities");

      const statuses = Object.fromEntries(serversOf(structured).map(({ id, status }) => [id, status]));
      expect(statuses).toMatchObject({
        time: "ready",
        grep: "ready",
        memory: "ready",
        everything: "ready",
        ghost: "unavailable",
      });
      expect(statuses).not.toHaveProperty("on-request");
      expect(statuses).not.toHaveProperty("broken");
      expect(structured.message).toContain(join(product.folder, "registry.json"));
      expect(structured.message).toContain("servers[7]");
    });

    it("shows opt_in servers only on request", { tags: ["list.filters"] }, async () => {
      const { structured } = await client.call("list_mcp_capabilities", { visibility: ["opt_in"] });

      expect(serversOf(structured)).toEqual(
        ["on-request", "sandbox", "system"].map((id) => expect.objectContaining({ id, visibility: "opt_in" })),
      );
    });
  });

  describe("describes", () => {
    it("the server's summary in the registry at the level summary", async () => {
      const { structured } = await client.call("describe_mcp", { id: "time", detail: "summary" });

      expect(structured).toMatchObject({ id: "time", title: "Time", summary: registry.servers[0]?.summary, status: "ready" });
    });

    it("one line of TypeScript for each tool at the level tools", { tags: ["describe.tools"] }, async () => {
      const { structured } = await client.call("describe_mcp", { id: "time" });

      expect(structured).toMatchObject({ id: "time", total: 6 });
      expect(structured.tools).toContainEqual({
        name: "current_time",
        signature: expect.stringMatching(/^current_time\(.*timezone\??: string.*\): Promise<.*>$/),
        description: expect.any(String),
      });
    });

    it("the declaration of the selected tools at the level schema", async () => {
      const { structured } = await client.call("describe_mcp", { id: "time", detail: "schema", tools: ["current_time"] });

      expect(structured).toMatchObject({ id: "time", tools: ["current_time"] });
      expect(structured.declaration).toMatch(/current_time\(/);
      expect(structured.declaration).not.toMatch(/convert_time\(/);
    });
  });

  describe("executes", () => {
    it("three zones in parallel and a search through this repository, as one small object from one call", {
      tags: ["main-job"],
    }, async () => {
      const { structured, text, isError } = await execute({
        code: `
          import { grep, time } from "mcp-clients";

          const zones: string[] = args.zones;
          const [clocks, hits] = await Promise.all([
            Promise.all(zones.map((timezone) => time.current_time({ timezone }))),
            grep.search({ pattern: "export function createGate", path: args.folder }),
          ]);
          const spoken = clocks.map((clock) => /UTC time is (.+), and the time in (.+) is (.+)\\.$/.exec(clock) ?? []);
          return {
            zones: Object.fromEntries(spoken.map(([, utc, zone, local]) => [zone, { utc, local }])),
            definedIn: hits.trim().split("\\n").map((line) => line.split(":")[0].split("/").at(-1)),
          };`,
        args: { zones: ["Asia/Tokyo", "Europe/Berlin", "America/New_York"], folder: core },
      });

      expect(isError).toBe(false);
      expect(JSON.parse(text)).toEqual(structured);
      expect(structured).toMatchObject({ ok: true, result: { definedIn: ["gate.ts"] } });
      const { zones } = structured.result as { zones: Record<string, { utc: string; local: string }> };
      expect(Object.keys(zones)).toEqual(["Asia/Tokyo", "Europe/Berlin", "America/New_York"]);
      for (const [timeZone, { utc, local }] of Object.entries(zones)) {
        expect(local).toBe(inZone(utc, timeZone));
      }
      expect(structured.calls).toEqual([
        {
          server: "time",
          tool: "current_time",
          outcome: "succeeded",
          count: 3,
          durationMs: expect.any(Number),
          longestMs: expect.any(Number),
        },
        { server: "grep", tool: "search", outcome: "succeeded", durationMs: expect.any(Number) },
      ]);
      expect(JSON.stringify(structured.result).length).toBeLessThan(400);
    });

    it("a program that joins two servers", { tags: ["main-job"] }, async () => {
      const name = `clock of ${protocol}`;
      const outcome = await run(
        `import * as memory from "mcp-clients/memory";
         import current_time from "mcp-clients/time/current_time";

         const observation = await current_time({ timezone: "Asia/Tokyo" });
         await memory.create_entities({ entities: [{ name: args.name, entityType: "clock", observations: [observation] }] });
         const graph = await memory.read_graph({});
         const kept = graph.entities.find((entity) => entity.name === args.name);
         return { type: kept.entityType, isSame: kept.observations[0] === observation };`,
        { args: { name } },
      );

      expect(outcome).toMatchObject({ ok: true, result: { type: "clock", isSame: true } });
      expect(toolsCalled(outcome)).toEqual(["time.current_time", "memory.create_entities", "memory.read_graph"]);
    });

    it("text, structured content, images and whole results, each in its form", { tags: ["clients.values"] }, async () => {
      const outcome = await run(
        `const [echo, weather, image, raw] = await Promise.all([
           everything.echo({ message: "hello" }),
           everything.$call("get-structured-content", { location: "Chicago" }),
           everything.get_tiny_image(),
           everything.$raw("echo", { message: "raw" }),
         ]);
         const picture = image.find((block) => block.type === "image");
         return { echo, weather, picture: { type: picture.type, mimeType: picture.mimeType, bytes: atob(picture.data).slice(1, 4) }, raw };`,
      );

      expect(outcome).toMatchObject({
        ok: true,
        result: {
          echo: "Echo: hello",
          weather: { temperature: expect.any(Number), conditions: expect.any(String), humidity: expect.any(Number) },
          picture: { type: "image", mimeType: "image/png", bytes: "PNG" },
          raw: { content: [{ type: "text", text: "Echo: raw" }] },
        },
      });
    });

    it("several files with an entrypoint", { tags: ["execute.files"] }, async () => {
      const outcome = await execute({
        files: {
          "main.ts": 'import { zoneOf } from "./lib/zones";\nexport default (input: { city: string }) => zoneOf(input.city);',
          "lib/zones.ts": "export const zoneOf = (city: string): string => `Asia/${city}`;",
        },
        args: { city: "Tokyo" },
      });

      expect(outcome.structured).toMatchObject({ ok: true, result: "Asia/Tokyo" });
    });

    it("progress that the client sees while the program runs", async () => {
      const seen: object[] = [];
      const { structured } = await client.call(
        "execute_mcp_code",
        { code: 'import { progress } from "runtime"; await progress(1, 2, "half"); await progress(2, 2); return "done";' },
        { onProgress: (progress) => seen.push(progress) },
      );

      expect(structured).toMatchObject({ ok: true, result: "done" });
      expect(seen).toEqual([
        expect.objectContaining({ progress: 1, total: 2, message: "half" }),
        expect.objectContaining({ progress: 2, total: 2 }),
      ]);
    });
  });

  describe("explains", () => {
    it("an unknown tool with the closest ones and the line", async () => {
      const { structured, isError } = await execute({ code: "const zone = 1;\nreturn await time.curent_time({});" });

      expect(isError).toBe(true);
      expect(structured).toMatchObject({ ok: false, errors: [{ code: "tool_unknown", server: "time", line: 2 }] });
      expect(firstError(structured).suggestions).toContain("current_time");
    });

    it("an unknown server with the closest ones", async () => {
      const described = await client.call("describe_mcp", { id: "tiem" });
      const imported = await run('import { tiem } from "mcp-clients";\nreturn tiem;');
      const allowed = await run("return 1;", { allowedMcpIds: ["tiem"] });

      for (const answer of [described.structured, imported, allowed]) {
        expect(answer).toMatchObject({ ok: false, errors: [{ code: "server_unknown", retryable: false }] });
        expect(firstError(answer).message).toContain("time");
      }
    });

    it.each([
      ["is not in allowedMcpIds", "grep", { allowedMcpIds: ["time"] }],
      ["is opt_in and was not named", "on-request", {}],
      ["is of high sensitivity and was not named", "secrets", {}],
    ])("a server that %s", { tags: ["allow.default"] }, async (_why, id, input) => {
      const outcome = await run(
        `import * as wanted from "mcp-clients/${id}";\nreturn await wanted.$call("current_time", {});`,
        input,
      );

      expect(outcome).toMatchObject({ ok: false, errors: [{ code: "server_not_allowed", file: "main.ts", line: 1 }] });
      expect(firstError(outcome).message).toContain(id);
      expect(outcome).not.toHaveProperty("calls");
    });

    it.each(["on-request", "secrets"])("no refusal of %s when allowedMcpIds names it", async (id) => {
      const outcome = await run(`import * as clock from "mcp-clients/${id}"; return await clock.current_time({});`, {
        allowedMcpIds: [id],
      });

      expect(outcome).toMatchObject({ ok: true, result: expect.stringContaining("UTC") });
    });

    it("a server whose command is missing, and goes on with the others", { tags: ["bridge.missing-command"] }, async () => {
      const described = await client.call("describe_mcp", { id: "ghost" });
      const outcome = await run("return await ghost.anything({});");
      const other = await run('return await everything.echo({ message: "still here" });');

      for (const answer of [described.structured, outcome]) {
        expect(answer).toMatchObject({ ok: false, errors: [{ code: "server_unavailable", server: "ghost" }] });
        expect(firstError(answer).message).toContain("no-such-program-here");
      }
      expect(other).toMatchObject({ ok: true, result: "Echo: still here" });
    });

    it("the user's line where the program threw", async () => {
      const outcome = await run(
        "interface Zone {\n  name: string;\n}\nconst zones: Zone[] = [];\n\nfunction first(all: Zone[]): string {\n  return all[0].name;\n}\nreturn first(zones);",
      );

      expect(outcome).toMatchObject({
        ok: false,
        errors: [{ code: "uncaught_exception", phase: "run", file: "main.ts", line: 7 }],
      });
      expect(firstError(outcome).frame).toContain("all[0].name");
    });

    it("a tool's own error to the program, which can catch it", { tags: ["clients.errors"] }, async () => {
      const outcome = await run(
        `try {
           await time.convert_time({ sourceTimezone: "nowhere", targetTimezone: "Asia/Tokyo", time: "12:00" });
         } catch (error) {
           const { name, server, tool, code, message, content } = error;
           return { name, server, tool, code, message, content };
         }`,
      );

      expect(outcome).toMatchObject({
        ok: true,
        result: { name: "McpToolError", server: "time", tool: "convert_time", code: "tool_error", content: [{ type: "text" }] },
        calls: [{ server: "time", tool: "convert_time", outcome: "failed" }],
      });
      expect((outcome.result as { message: string }).message).toContain("nowhere");
    });

    it("a tool's own error that nobody caught, with server, tool and line", async () => {
      const outcome = await run(
        'const to = "Asia/Tokyo";\nawait time.convert_time({ sourceTimezone: "nowhere", targetTimezone: to, time: "12:00" });',
      );

      expect(outcome).toMatchObject({
        ok: false,
        errors: [{ code: "tool_error", server: "time", tool: "convert_time", line: 2 }],
        calls: [{ server: "time", outcome: "failed" }],
      });
    });
  });

  describe("refuses bad input and serves the next request", () => {
    it.each([
      ["list_mcp_capabilities", "a limit that is not a number", { limit: "many" }, "limit"],
      ["list_mcp_capabilities", "domains that are not a list", { domains: { time: true } }, "domains"],
      ["list_mcp_capabilities", "a visibility that does not exist", { visibility: ["hidden"] }, "visibility"],
      ["list_mcp_capabilities", "a field that does not exist", { serch: "time" }, "serch"],
      ["describe_mcp", "no id", {}, "id"],
      ["describe_mcp", "an id that is a number", { id: 7 }, "id"],
      ["describe_mcp", "a detail that does not exist", { id: "time", detail: "all" }, "detail"],
      ["execute_mcp_code", "neither code nor files", {}, "code"],
      ["execute_mcp_code", "both code and files", { code: "return 1", files: { "main.ts": "return 1" } }, "code"],
      ["execute_mcp_code", "files without an entrypoint", { files: { "other.ts": "return 1" } }, "entrypoint"],
      [
        "execute_mcp_code",
        "an entrypoint that is not a file",
        { files: { "main.ts": "return 1" }, entrypoint: "start.ts" },
        "start.ts",
      ],
      ["execute_mcp_code", "code that is a number", { code: 1 }, "code"],
      ["execute_mcp_code", "a run time over the limit", { code: "return 1", maxRuntimeMs: 120_001 }, "maxRuntimeMs"],
      ["execute_mcp_code", "a megabyte of code", { code: `return ${JSON.stringify("x".repeat(1024 * 1024))}` }, "bytes"],
      ["execute_mcp_code", "a file outside of the program", { files: { "../main.ts": "return 1" } }, "../main.ts"],
    ])("%s: %s", { tags: ["execute.input"] }, async (tool, _what, input, named) => {
      const { structured, text, isError } = await client.call(tool, input);
      const next = await run("return 'next';");

      expect(isError).toBe(true);
      expect(JSON.parse(text)).toEqual(structured);
      expect(structured).toMatchObject({ ok: false, errors: [{ code: "invalid_input", phase: "input", retryable: false }] });
      expect(firstError(structured).message).toContain(named);
      expect(next).toMatchObject({ ok: true, result: "next" });
    });

    it("an unknown tool", async () => {
      const outcome = await client.call("current_time", {}).catch((error: unknown) => error);

      expect(outcome instanceof Error ? outcome.message : (outcome as { text: string }).text).toContain("execute_mcp_code");
    });
  });

  it("keeps sessions apart", { tags: ["session.separate"] }, async () => {
    await using other = await connect(`${product.url}/s/a/mcp`);
    await run('import { session } from "runtime"; await session.set("mine", args);', { args: protocol });
    const there = await other.call("execute_mcp_code", {
      code: 'import { session } from "runtime"; return (await session.get("mine")) ?? "nothing";',
    });
    const listed = await other.call("list_mcp_capabilities");

    expect(there.structured).toMatchObject({ ok: true, result: "nothing" });
    // The other session has no bridge.
    expect(serversOf(listed.structured).find(({ id }) => id === "time")).toMatchObject({ status: "bridge_offline" });
  });
});

it("streams the response, and so survives a program that runs for more than a minute", {
  tags: ["surface.long-runs"],
}, async () => {
  const { contentType, body } = await longRun;

  expect(contentType).toContain("text/event-stream");
  expect(body).toContain('"result":"done at last"');
});

async function runLongerThanAMinute(url: string): Promise<{ contentType: string | null; body: string }> {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2025-11-25",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name: "execute_mcp_code",
        arguments: {
          code: 'await new Promise((resolve) => setTimeout(resolve, 62_000)); return "done at last";',
          maxRuntimeMs: 100_000,
        },
      },
    }),
  });
  // The JSON of the answer is inside a JSON string.
  return { contentType: response.headers.get("Content-Type"), body: (await response.text()).replaceAll("\\", "") };
}

function serversOf(structured: Record<string, unknown>): { id: string; status: string }[] {
  return structured.servers as { id: string; status: string }[];
}

function firstError(structured: Record<string, unknown>): Record<string, unknown> {
  return (structured.errors as Record<string, unknown>[])[0] ?? {};
}

function toolsCalled(outcome: Record<string, unknown>): string[] {
  return (outcome.calls as { server: string; tool: string }[]).map(({ server, tool }) => `${server}.${tool}`);
}

/** A UTC time "2026-11-20 16:08:31" as the clocks of a zone show it. */
function inZone(utc: string, timeZone: string): string {
  const date = new Date(`${utc.replace(" ", "T")}Z`);
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(date);
}
