import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBridge } from "../support/command-line.ts";
import { HttpMcp } from "../support/http-mcp.ts";
import { type Product, startProduct } from "../support/product.ts";
import { rawRequest } from "../support/raw-mcp.ts";

/* The same call of the same program, by a job at night and by others; and what a person at a terminal sees of one that waits. */

let product: Product;
let server: HttpMcp;

beforeAll(async () => {
  server = await HttpMcp.start();
  const named = (name: string) => ({
    ...{ name, sha256: createHash("sha256").update(`token of ${name}`).digest("hex") },
    scopes: ["mcp:execute", "mcp:admin"],
  });
  const vault = { id: "vault", title: "Vault", summary: "Keeps things.", mcp: { transport: "http", url: server.url } };
  const tools = { principals: { "token:nightly": { alwaysAllow: ["wo*"] } } };
  product = await startProduct({
    isClosed: true,
    registry: {
      servers: [
        { ...vault, sensitivity: "high", tools },
        { ...vault, id: "shelf", pin: "strict" },
      ],
    },
    secrets: { AUTH_TOKENS: JSON.stringify(["nightly", "anna"].map(named)) },
  });
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function work(token: string): Promise<{ ok: boolean; errors?: { code: string; url?: string }[] }> {
  const input = { code: "return await vault.work({});", allowedMcpIds: ["vault"] };
  const request = rawRequest("2025-11-25", { method: "tools/call", params: { name: "execute_mcp_code", arguments: input } });
  const headers = { ...request.headers, Authorization: `Bearer ${token}` };
  const text = await (await fetch(`${product.url}/mcp`, { ...request, headers })).text();
  return JSON.parse(
    text
      .split("\n")
      .findLast((line) => line.startsWith("data: "))
      ?.slice(6) ?? "",
  ).result.structuredContent;
}

test("a job whose token the registry names needs nobody, which its records say, and everybody else is asked", {
  tags: ["approvals.principal", "approvals.standing"],
}, async () => {
  const owner = await product.authToken();
  expect(await work("token of nightly")).toMatchObject({ ok: true });
  for (const token of ["token of anna", owner]) {
    expect(await work(token)).toMatchObject({ ok: false, errors: [{ code: "approval_required" }] });
  }
  expect(server.calls()).toHaveLength(1);
  const audit = await (await fetch(`${product.url}/audit.jsonl`, { headers: { Authorization: `Bearer ${owner}` } })).text();
  const calls = audit
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ action }) => action === "call");
  expect(calls).toMatchObject([
    { server: "vault", tool: "work", standingRule: "wo* for token:nightly", principal: expect.stringMatching(/^u_/) },
  ]);
});

/** `mcp-bridge`, as the owner uses it. */
async function bridge(...args: string[]) {
  const environment = { AUTH_TOKEN: await product.authToken(), PORT: String(product.port) };
  return await runBridge(args, { folder: product.folder, environment });
}

test("exec says where a person decides, and approvals lists, allows once, and says so", {
  tags: ["approvals.commands"],
}, async () => {
  await writeFile(join(product.folder, "work.ts"), "await vault.work({}); return await vault.work({ again: 1n });");
  const before = server.calls().length;
  const { code, err } = await bridge("exec", "work.ts", "--allow", "vault", "--session", "desk");
  const [id = ""] = /desk\.[0-9a-f]{32}/.exec(err) ?? [];
  expect([code, err]).toEqual([1, expect.stringContaining(`decide at ${product.url}/approve/${id} or`)]);
  const { out } = await bridge("approvals", "list");
  expect(out).toContain(`${id}  until `);
  expect(out).toContain(`  vault.work {}\n  the program: ${product.url}/approve/${id}\n`);
  expect(await bridge("approvals", "allow", id)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^ {2}vault\.work \{\}\nAllowed/),
  });
  const listed = async () =>
    JSON.parse((await bridge("approvals", "list", "--json")).out).approvals.find((one: { id: string }) => one.id === id);
  await expect.poll(listed).toMatchObject({ done: [{ server: "vault", tool: "work", outcome: "succeeded" }] });
  expect((await bridge("approvals", "list")).out).toContain(`  vault.work {"again":1}\n  has made: vault.work succeeded\n`);
  expect(await bridge("approvals", "deny", id)).toMatchObject({ code: 0, out: expect.stringContaining("Refused") });
  expect(await bridge("approvals", "deny", id)).toMatchObject({ code: 1, err: expect.stringContaining("decided already") });
  expect(server.calls().length).toBe(before + 1);
});

test("accept shows the whole tool, accepts what it has shown, and says when nothing has changed", {
  tags: ["pins.changed"],
}, async () => {
  await writeFile(join(product.folder, "shelf.ts"), "return await shelf.work({});");
  const exec = () => bridge("exec", "shelf.ts", "--allow", "shelf");
  expect(await exec()).toMatchObject({ code: 1, err: expect.stringContaining("tool_changed: shelf.work was not accepted yet") });
  const shown = 'shelf.work\ninputSchema:\n+ {"type":"object"}\n';
  expect(await bridge("accept")).toMatchObject({ code: 0, out: shown });
  expect(await bridge("accept", "shelf", "play")).toMatchObject({ code: 0, out: "Nothing has changed at shelf.play.\n" });
  const stale = { method: "POST", body: JSON.stringify({ server: "shelf", seen: ["what it was before"] }) };
  const headers = { Authorization: `Bearer ${await product.authToken()}` };
  expect(await (await fetch(`${product.url}/changed-tools`, { ...stale, headers })).json()).toEqual({ accepted: [] });
  expect(await bridge("accept", "shelf")).toMatchObject({ code: 0, out: `${shown}Accepted: work\n` });
  expect(await exec()).toMatchObject({ code: 0 });
  expect(await bridge("accept", "shelf")).toMatchObject({ code: 0, out: "Nothing has changed at shelf.\n" });
});
