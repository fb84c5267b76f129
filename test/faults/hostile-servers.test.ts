import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/* Servers whose lists of tools are made to take long. Whoever asks about them waits; another session is served meanwhile. */

const kinds = ["branching", "tangled", "dangling", "wordy", "ligatures"];
const registry = {
  servers: kinds.map((id) => ({
    id,
    title: id,
    summary: "A server of a stranger.",
    visibility: "opt_in",
    mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers/hostile-lists.mjs"), id] },
  })),
};

/** Far above what others wait for, and far below what they did wait for: from three seconds to for ever. */
const waitMsMax = () => 1_500 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

describe("a server that lists what takes long to read", () => {
  let product: Product;
  let attacker: McpClient;
  let neighbour: McpClient;

  beforeAll(async () => {
    product = await startProduct({ registry });
    attacker = await connectModern(`${product.url}/mcp`);
    neighbour = await connectModern(`${product.url}/s/neighbour/mcp`);
    await attacker.call("execute_mcp_code", { code: "return 1;" });
    await neighbour.call("execute_mcp_code", { code: "return 1;" });
  });

  afterAll(async () => {
    await attacker?.close();
    await neighbour?.close();
    await product?.[Symbol.asyncDispose]();
  });

  it.each(kinds)("delays no other session: %s", { tags: ["servers.no-delay"] }, async (id) => {
    const questions: [string, object][] = [
      ["describe_mcp", { id }],
      ["describe_mcp", { id, detail: "schema" }],
      ["describe_mcp", { id, query: "a tool that reads mail" }],
      ["list_mcp_capabilities", { query: "a tool that reads mail", visibility: ["opt_in"] }],
      ["execute_mcp_code", { code: `return await ${id}.$call("tool_0", {});`, allowedMcpIds: [id] }],
    ];
    let isOver = false;
    const answers = (async () => {
      const all = [];
      for (const [tool, input] of questions) all.push(await attacker.call(tool, input));
      return all;
    })().finally(() => {
      isOver = true;
    });
    let longestMs = 0;
    do {
      const begun = performance.now();
      expect((await neighbour.call("execute_mcp_code", { code: "return 1 + 1;" })).structured.result).toBe(2);
      expect((await neighbour.call("list_mcp_capabilities")).isError).toBe(false);
      longestMs = Math.max(longestMs, performance.now() - begun);
    } while (!isOver);
    expect(longestMs).toBeLessThan(waitMsMax());
    const [tools, schema, , , run] = await answers;
    expect(tools?.structured).toMatchObject({ id, tools: expect.arrayContaining([expect.objectContaining({ name: "tool_0" })]) });
    expect(schema?.structured).toMatchObject({ id });
    // A compiler may give up such types, and says so.
    if (run?.isError === false) expect(run.structured).toMatchObject({ result: "ok" });
    else expect(run?.text).toMatch(/"(?:compile_limit|server_unavailable|type_error)"/);
  });
});
