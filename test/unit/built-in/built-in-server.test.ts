import { expect, test } from "vitest";
import { z } from "zod";
import { builtInEntry, builtInServer, builtInTool } from "../../../core/built-in/built-in-server.ts";
import { OrchestratorError } from "../../../core/errors.ts";
import { isAllowedByDefault, parseRegistry } from "../../../core/registry/registry.ts";

const options = { signal: new AbortController().signal, timeoutMs: 1_000 };
const adder = builtInServer(builtInEntry("system", { title: "System", summary: "Adds." }), [
  builtInTool({
    name: "add",
    description: "Adds two numbers.",
    input: z.object({ a: z.number(), b: z.number().default(1) }),
    output: z.object({ sum: z.number() }),
    run: ({ a, b }) => {
      if (a < 0) throw new Error("a is negative");
      return { sum: a + b };
    },
  }),
]);

test("a built-in server's tool answers with structured content, defaults filled in", async () => {
  const result = await adder.callTool({ tool: "add", args: { a: 2 } }, options);
  expect(result).toMatchObject({ structuredContent: { sum: 3 }, content: [{ type: "text", text: '{"sum":3}' }] });
});

test("what a built-in tool throws is an isError result with its message", async () => {
  const result = await adder.callTool({ tool: "add", args: { a: -1 } }, options);
  expect(result).toMatchObject({ isError: true, content: [{ type: "text", text: "a is negative" }] });
});

test("a refusal inside a built-in tool is its answer, and what is cancelled may have happened", async () => {
  const refusing = (code: "too_many_calls" | "cancelled") =>
    builtInServer(adder.entry, [
      builtInTool({
        ...{ name: "add", description: "Adds.", input: z.object({}) },
        run: () => Promise.reject(new OrchestratorError(code, "Enough.", { rule: "sandboxes" })),
      }),
    ]).callTool({ tool: "add", args: {} }, options);
  await expect(refusing("too_many_calls")).rejects.toMatchObject({
    ...{ code: "too_many_calls", message: "Enough.", delivery: "answered", details: { rule: "sandboxes" } },
  });
  await expect(refusing("cancelled")).rejects.not.toHaveProperty("delivery");
});

test("arguments that a built-in tool's schema refuses are invalid_arguments and name the argument", async () => {
  const call = adder.callTool({ tool: "add", args: { a: "2" } }, options);
  await expect(call).rejects.toMatchObject({
    code: "invalid_arguments",
    delivery: "not_sent",
    message: expect.stringContaining("at a"),
  });
});

test("a tool that a built-in server does not have is tool_unknown", async () => {
  await expect(adder.callTool({ tool: "subtract", args: {} }, options)).rejects.toMatchObject({ code: "tool_unknown" });
});

test("an argument with a default is optional in the listed schema", async () => {
  const [tool] = await adder.listTools();
  expect(tool?.inputSchema).toMatchObject({ required: ["a"] });
});

test("a built-in server runs without being named, and no registry file can take its id", () => {
  expect(isAllowedByDefault(adder.entry)).toBe(true);
  const { servers, problems } = parseRegistry(
    JSON.stringify({
      servers: [{ id: "system", title: "Mine", summary: "Mine.", mcp: { transport: "http", url: "https://mine.example" } }],
    }),
  );
  expect(servers).toEqual([]);
  expect(problems).toEqual([{ path: "servers[0].id", message: "this id is served by the orchestrator itself" }]);
});
