import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { clientKinds, connectModern, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { rawRequest } from "../support/raw-mcp.ts";

/* A registry without servers, one with mistakes, and a large one. */

const time = {
  id: "time",
  title: "Time",
  summary: "Clocks of all zones.",
  mcp: { transport: "stdio", command: "time-mcp" },
};

let empty: Product;
let faulty: Product;
let large: Product;

beforeAll(async () => {
  const nobody = `http://127.0.0.1:${await findFreePort()}/mcp`;
  const remote = (index: number) => ({
    id: `remote-${index}`,
    title: `Remote ${index}`,
    summary: "A server that nobody runs.",
    mcp: { transport: "http", url: nobody },
  });
  const onRequest = (index: number) => ({ ...time, id: `clock-${index}`, visibility: "opt_in" });

  empty = await startProduct({ registry: { servers: [] } });
  const entries = [time, ...Array.from({ length: 15 }, (_, index) => remote(index))];
  faulty = await startProduct({
    registry: `{\n  "servers": [\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")},\n  ]\n}`,
  });
  large = await startProduct({
    registry: { servers: [...entries, ...Array.from({ length: 984 }, (_, index) => onRequest(index))] },
  });
});

afterAll(async () => {
  for (const product of [empty, faulty, large]) await product?.[Symbol.asyncDispose]();
});

describe("an empty registry", () => {
  let client: McpClient;

  beforeAll(async () => {
    client = await connectModern(`${empty.url}/mcp`);
  });

  afterAll(async () => {
    await client?.close();
  });

  it("starts, and says in the instructions where servers are declared", () => {
    expect(empty.output()).toContain(`Ready: ${empty.url}/mcp`);
    expect(client.instructions).toContain(`declared in ${join(empty.folder, "registry.json")}.`);
  });

  it("answers list_mcp_capabilities with no servers and the file to edit", { tags: ["list.empty"] }, async () => {
    const { structured, isError } = await client.call("list_mcp_capabilities", { query: "time zone" });

    expect(isError).toBe(false);
    expect(structured).toEqual({
      servers: [],
      total: 0,
      message: expect.stringContaining(`Add them to ${join(empty.folder, "registry.json")}.`),
    });
  });

  it("refuses every id in describe_mcp and in allowedMcpIds", async () => {
    const described = await client.call("describe_mcp", { id: "time" });
    const run = await client.call("execute_mcp_code", { code: "return 1;", allowedMcpIds: ["time"] });

    for (const { structured, isError } of [described, run]) {
      expect(isError).toBe(true);
      expect(structured).toMatchObject({ ok: false, errors: [{ code: "server_unknown" }] });
    }
  });

  it("runs programs that call nothing", async () => {
    const { structured } = await client.call("execute_mcp_code", { code: "return [3, 1, 2].sort();" });

    expect(structured).toMatchObject({ ok: true, result: [1, 2, 3] });
  });
});

describe("a registry with a trailing comma", () => {
  let client: McpClient;

  beforeAll(async () => {
    client = await connectModern(`${faulty.url}/mcp`);
  });

  afterAll(async () => {
    await client?.close();
  });

  it("starts and prints where the comma is", { tags: ["registry.problems"] }, () => {
    expect(faulty.output()).toMatch(/^registry .*19:3: .*comma/m);
    expect(faulty.output()).toMatch(/^time +ready +6\s*$/m);
  });

  it("names the problem to the model together with the servers that work", async () => {
    const { structured } = await client.call("list_mcp_capabilities");

    // Sixteen of the file, and `dynamic`.
    expect(structured).toMatchObject({ total: 17, message: expect.stringMatching(/\/registry\.json .*19:3.*comma/) });
  });

  it("runs programs with the servers that work, and says which ones cannot be reached", async () => {
    const works = await client.call("execute_mcp_code", { code: "return await time.current_time({});" });
    const fails = await client.call("execute_mcp_code", { code: "return await remote_3.anything({});" });

    expect(works.structured).toMatchObject({ ok: true, result: expect.stringContaining("UTC") });
    expect(fails.structured).toMatchObject({ ok: false, errors: [{ code: "server_unavailable", server: "remote-3" }] });
  });
});

describe("a registry of a thousand entries", () => {
  it("starts no server before it is needed", () => {
    expect(large.output()).toContain(`Ready: ${large.url}/mcp`);
    expect(large.output()).not.toMatch(/^server +clock-/m);
  });

  it.each(clientKinds)("can be searched with $title", async ({ connect }) => {
    await using client = await connect(`${large.url}/mcp`);
    const { structured } = await client.call("list_mcp_capabilities", { visibility: ["opt_in"], limit: 2 });

    expect(structured).toMatchObject({ servers: [{ visibility: "opt_in" }, { visibility: "opt_in" }], total: 986 });
  });
});

it.each(clientKinds.map(({ protocol }) => protocol))(
  "tools/list of %s is byte-identical with 0, 16 and 1,000 entries",
  { tags: ["surface.constant"] },
  async (protocol) => {
    const bodies = await Promise.all(
      [empty, faulty, large].map(async ({ url }) => {
        const response = await fetch(`${url}/mcp`, rawRequest(protocol, { method: "tools/list" }));
        expect(response.status).toBe(200);
        return response.text();
      }),
    );

    expect(bodies[0]).toContain("execute_mcp_code");
    expect(bodies[1]).toBe(bodies[0]);
    expect(bodies[2]).toBe(bodies[0]);
  },
);
