import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { type BackgroundProcess, startBackground } from "../support/background-process.ts";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/*
 * The secrets of a stdio server, a remote server, the bridge, callers and logins. Everything that could repeat a secret runs, and
 * then all output, answers and stored data are searched.
 */

const bridgeSecrets = { ADA_TOKEN: 'ghp_s3cret"\\of-Ada' };
const workerSecrets = {
  REMOTE_TOKEN: "remote-s3cret-0815",
  BRIDGE_TOKEN: "bridge-s3cret-4711",
  AUTH_TOKEN: "caller-s3cret-2342-of-32-characters",
  OAUTH_KEY: "key-s3cret-of-at-least-32-characters",
};

let remote: BackgroundProcess;
let product: Product;
let client: McpClient;
const answers: string[] = [];

beforeAll(async () => {
  const remotePort = await findFreePort();
  remote = await startBackground({ args: () => ["test/servers/reveals-http.mjs", String(remotePort)] });
  await remote.printed(/listening/);
  const entry = (id: string, mcp: object) => ({ id, title: id, summary: `The server ${id}.`, mcp });
  product = await startProduct({
    registry: {
      servers: [
        entry("local", {
          transport: "stdio",
          command: process.execPath,
          args: [join(projectRoot, "test/servers/reveals.mjs")],
          env: { API_TOKEN: "${env:ADA_TOKEN}" },
        }),
        entry("remote", {
          transport: "http",
          url: `http://127.0.0.1:${remotePort}/mcp`,
          headers: { Authorization: "Bearer ${env:REMOTE_TOKEN}" },
        }),
      ],
    },
    env: bridgeSecrets,
    secrets: workerSecrets,
  });
  client = await connectModern(`${product.url}/mcp`, { headers: { Authorization: `Bearer ${workerSecrets.AUTH_TOKEN}` } });
});

afterAll(async () => {
  await client?.close();
  await product?.[Symbol.asyncDispose]();
  await remote?.[Symbol.asyncDispose]();
});

async function ask(name: string, args: object): Promise<Record<string, unknown>> {
  const answer = await client.call(name, args);
  answers.push(answer.text, JSON.stringify(answer.structured));
  return answer.structured;
}

/** Calls that return the secret, fail with it or exit with it, and all that a program can see of its environment. */
const program = (id: string) => `
  import * as server from "mcp-clients/${id}";
  import { session } from "runtime";
  const seen = [await server.$raw("answer", {})];
  for (const tool of ["refuse", "crash"]) {
    try { await server.$call(tool, {}); } catch (error) { seen.push(String((error as Error).message)); }
  }
  await session.set("${id}", seen);
  console.log(JSON.stringify(seen));
  return { seen, globals: Object.getOwnPropertyNames(globalThis), stack: new Error("here").stack };`;

test.each(["local", "remote"])("a program that calls %s gets its answers with the secret redacted", async (id) => {
  const outcome = await ask("execute_mcp_code", { code: program(id), maxRuntimeMs: 30_000 });

  expect(outcome).toMatchObject({ ok: true });
  expect(JSON.stringify(outcome)).toContain(id === "local" ? "[secret ADA_TOKEN]" : "[secret REMOTE_TOKEN]");
});

test("no secret is in listings, descriptions, printed output, configurations or storage", { tags: ["secrets"] }, async () => {
  for (const detail of ["minimal", "summary"]) await ask("list_mcp_capabilities", { query: "uses", detail });
  for (const id of ["local", "remote"]) {
    for (const detail of ["summary", "tools", "schema"]) await ask("describe_mcp", { id, detail });
  }
  const local = join(projectRoot, ".wrangler/local", String(product.port));
  const [stored, logs] = [await contentsOf(join(local, "state")), await contentsOf(join(local, "logs"))];
  const configurations = await contentsOf(join(local, "run"));
  expect(stored.some(({ text }) => text.includes("[secret "))).toBe(true);
  const places = [
    ...answers.map((text, index) => ({ place: `answer ${index}`, text })),
    { place: "what it printed", text: product.output() },
    ...logs,
    ...configurations,
    ...stored,
  ];
  const forms = Object.entries({ ...bridgeSecrets, ...workerSecrets }).flatMap(([name, value]) =>
    [value, JSON.stringify(value).slice(1, -1)].map((form) => ({ name, form })),
  );
  const found = places.flatMap(({ place, text }) =>
    forms.filter(({ form }) => text.includes(form)).map(({ name }) => `${name} in ${place}`),
  );
  expect(found).toEqual([]);
});

/** All files below a folder, each byte as one character. */
async function contentsOf(folder: string): Promise<{ place: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file) => ({ place: file, text: await readFile(file, "latin1") })));
}
