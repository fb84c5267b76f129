import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toolDefinitions } from "../../core/discovery/tool-definitions.ts";
import { createClient } from "../../faces/client.ts";
import { openaiTools } from "../../faces/openai.ts";
import { remote } from "../../faces/remote.ts";
import type { Image, Target } from "../../faces/target.ts";
import { orchestratorTools } from "../../faces/tools.ts";
import { type BackgroundProcess, startBackground } from "../support/background-process.ts";
import { agents, type DriveAgent } from "../support/framework-agents.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/* The faces with the runner of each framework, a scripted model, and one orchestrator, which asks for its token. */

let product: Product;
let target: Target;
let documentation: BackgroundProcess;

beforeAll(async () => {
  const entry = (id: string, file: string, ...args: string[]) => ({
    ...{ id, title: id, summary: `The server ${id}.` },
    mcp: { transport: "stdio", command: process.execPath, args: [join(projectRoot, "test/servers", file), ...args] },
  });
  documentation = await startBackground({ args: () => ["test/servers/documentation.mjs"] });
  const [, port] = await documentation.printed(/on port (\d+)/);
  const remoteEntry = {
    id: "cloudflare-docs",
    title: "Docs",
    summary: "Documentation.",
    mcp: { transport: "http", url: `http://127.0.0.1:${port}/mcp` },
  };
  const everything = {
    ...{ id: "everything", title: "Everything", summary: "One tool of every kind." },
    mcp: { transport: "stdio", command: "mcp-server-everything", args: ["stdio"] },
  };
  product = await startProduct({
    isClosed: true,
    registry: { servers: [everything, entry("waits", "waits.mjs"), entry("tables", "asks.mjs", "stdio"), remoteEntry] },
  });
  target = remote({ url: product.url, token: await product.authToken() });
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
  await documentation?.[Symbol.asyncDispose]();
});

/** The neutral list by itself, as somebody uses it who has no framework. */
const withoutFramework: DriveAgent = async (used, script, abort) => {
  const tools = orchestratorTools(used);
  const read: unknown[] = [];
  const images: string[] = [];
  const onImages = (found: Image[]) => void images.push(...found.map(({ data }) => data));
  for (const { name, input } of script) {
    read.push(await tools.find((tool) => tool.name === name)?.run(input, { signal: abort?.signal, onImages }));
  }
  return { read, said: "done", images };
};

const execute = async (code: string) => (await orchestratorTools(target)[2]?.run({ code })) ?? {};
const seen = async () => (await execute("return await waits.seen({});")).result as { waits: number; cancelled: number };

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const picture = `return [{ type: "image", mimeType: "image/png", data: "${png}" }];`;

const script = [
  { name: "list_mcp_capabilities", input: { query: "tables", limit: null } },
  { name: "describe_mcp", input: { id: "tables" } },
  { name: "execute_mcp_code", input: { code: `return await tables.free({ table: "3" });` } },
  // No framework refuses it, so that the model reads what is meant.
  { name: "execute_mcp_code", input: { source: "return 1;" } },
  { name: "execute_mcp_code", input: { code: "return await tables.boook({});" } },
  { name: "execute_mcp_code", input: { code: picture } },
  { name: "execute_mcp_code", input: { code: `return { rows: "x".repeat(200_000).match(/.{100}/g) };` } },
];

describe.each(Object.entries({ "no framework": withoutFramework, ...agents }))("%s", (_name, drive) => {
  test("lists, describes, executes, and its model reads errors and the preview of a large result, and sees an image", {
    tags: ["face.frameworks", "face.images"],
  }, async () => {
    const { read, said, images } = await drive(target, script);
    expect(said).toBe("done");
    expect(images).toEqual([png]);
    expect(read).toMatchObject([
      { servers: expect.arrayContaining([expect.objectContaining({ id: "tables" })]) },
      { id: "tables", tools: expect.arrayContaining([expect.objectContaining({ name: "free" })]) },
      { ok: true, result: "table 3 is free" },
      { ok: false, errors: [{ code: "invalid_input", message: expect.stringContaining(`"code"`) }] },
      { ok: false, errors: [{ code: "tool_unknown", suggestions: expect.any(Array) }] },
      { ok: true, result: [{ type: "image", mimeType: "image/png" }] },
      { ok: true, handle: expect.stringMatching(/^r_/) },
    ]);
    const [handle] = read.slice(-1).map((answer) => Object(answer).handle);
    expect(
      await execute(`import { results } from "runtime"; return (await results.get("${handle}")).rows.length;`),
    ).toMatchObject({
      result: 2_000,
    });
    expect(JSON.stringify(read.at(-1)).length).toBeLessThan(50_000);
  });

  test("stops a program and its calls when it is aborted", { tags: ["face.frameworks", "cancel.client"] }, async () => {
    const before = await seen();
    const abort = new AbortController();
    const driven = drive(
      target,
      [{ name: "execute_mcp_code", input: { code: "return await waits.wait({});", maxRuntimeMs: 120_000 } }],
      abort,
    );
    const outcome = driven.then(
      () => "ended",
      () => "ended",
    );
    await expect.poll(async () => (await seen()).waits, { timeout: 60_000 }).toBe(before.waits + 1);
    abort.abort();
    expect(await outcome).toBe("ended");
    await expect.poll(seen, { timeout: 60_000 }).toEqual({ waits: before.waits + 1, cancelled: before.cancelled + 1 });
  });
});

test("no face changes a name, a description or a schema", { tags: ["face.frameworks"] }, () => {
  const told = toolDefinitions.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  expect(orchestratorTools(target)).toMatchObject(told);
  expect(
    openaiTools(target).definitions.map(({ name, description, parameters }) => ({ name, description, inputSchema: parameters })),
  ).toEqual(told);
});

test("progress, lines and questions arrive, and two faces share the session", { tags: ["face.frameworks"] }, async () => {
  const [, , tool] = orchestratorTools(target);
  const code = `import { progress, session } from "runtime";
progress(1, 2, "half"); console.log("a line"); await session.set("shared", 1); return await tables.book({ table: "4" });`;
  const told: unknown[] = [];
  const asked: unknown[] = [];
  const answer = await tool?.run(
    { code },
    {
      onProgress: (progress) => void told.push(progress),
      onElicit: async (question) => {
        asked.push(question);
        return { action: "accept", content: { name: "Ada" } };
      },
    },
  );
  expect(answer).toMatchObject({ ok: true, result: "table 4: Ada, 1" });
  expect(told).toEqual(expect.arrayContaining([expect.objectContaining({ progress: 1, total: 2, message: "half" })]));
  expect(told).toEqual(expect.arrayContaining([expect.objectContaining({ message: "a line" })]));
  expect(asked).toMatchObject([{ mode: "form", message: "tables asks (book): Who sits at table 4?" }]);
  const other = remote({ url: `${product.url}/mcp`, token: await product.authToken() });
  const call = {
    call_id: "c",
    name: "execute_mcp_code",
    arguments: JSON.stringify({ code: `import { session } from "runtime"; return await session.get("shared");` }),
  };
  expect(JSON.parse(String((await openaiTools(other).run(call)).output))).toMatchObject({ result: 1 });
});

test("who cannot show the images of a result is told so, and is not given megabytes of base64", {
  tags: ["face.images"],
}, async () => {
  const answer = await execute(picture);
  expect(answer).toMatchObject({ ok: true, hint: expect.stringContaining("cannot be shown here") });
  expect(JSON.stringify(answer)).not.toContain(png);
});

test("a generated client gets images and large texts whole, as its types say", {
  tags: ["face.images"],
}, async () => {
  const everything = createClient("everything");
  everything.$connect(target);
  const image = expect.objectContaining({ type: "image", mimeType: "image/png", data: expect.stringMatching(/^iVBORw0KGgo/) });
  expect(await everything.$call("get-tiny-image")).toEqual(expect.arrayContaining([image]));
  expect(await everything.$raw("get-tiny-image")).toMatchObject({ content: expect.arrayContaining([image]) });
  for (const message of ["short", `x${"🚀".repeat(50_000)}`, "\u0001".repeat(9_000)]) {
    expect(await everything.$call("echo", { message })).toBe(`Echo: ${message}`);
  }
});

test("what cannot be reached is an answer that says what to do", { tags: ["face.frameworks"] }, async () => {
  const run = (options: { url: string; token?: string }) => orchestratorTools(remote(options))[0]?.run({});
  const refused = (message: string) => ({
    ok: false,
    errors: [{ code: "server_unavailable", message: expect.stringContaining(message) }],
  });
  expect(await run({ url: "http://127.0.0.1:9", token: "x" })).toMatchObject(
    refused("No orchestrator answers at http://127.0.0.1:9"),
  );
  expect(await run({ url: product.url, token: "wrong" })).toMatchObject(refused("access token"));
  expect(await run({ url: "http://mcp.example.com", token: "secret" })).toMatchObject(refused("Use https"));
  const [list] = orchestratorTools(target);
  expect(await list?.run([1])).toMatchObject({ ok: false, errors: [{ code: "invalid_input" }] });
  expect(await list?.run("not JSON")).toMatchObject({ ok: false, errors: [{ code: "invalid_input" }] });
  await expect(list?.run({}, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

test("the example program finds what Workers KV says about a TTL, and returns that alone", {
  tags: ["face.frameworks"],
}, async () => {
  const code = await readFile(join(projectRoot, "examples/workers-kv-docs/program.ts"), "utf8");
  const answer = await orchestratorTools(target)[2]?.run({
    code,
    args: { question: "KV TTL" },
    allowedMcpIds: ["cloudflare-docs"],
  });
  expect(answer).toMatchObject({
    ok: true,
    result: {
      urls: ["https://developers.cloudflare.com/kv/api/write-key-value-pairs/"],
      lines: [expect.stringContaining("expirationTtl")],
    },
  });
});
