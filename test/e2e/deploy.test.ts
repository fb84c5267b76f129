import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { startBackground } from "../support/background-process.ts";
import { connectModern } from "../support/mcp-clients.ts";
import { startPlainWorker } from "../support/plain-worker.ts";
import { projectRoot } from "../support/project-root.ts";

/* What `npm run deploy` would upload, and that each deployment works alone. */

/** Cloudflare takes 3 MiB on the free plan. A larger Worker also starts more slowly. */
const gzipBytesMax = 800 * 1024;

/** Of the compiler, the shell and the console's files, which are assets: the first two are loaded into an isolate with 128 MB. */
const assetsBytesMax = 8 * 1024 * 1024;

it.each(["deploy", "deploy:preview"])(
  "npm run %s would upload a small Worker with every binding",
  {
    tags: ["deploy.environments"],
  },
  async (script) => {
    await using wrangler = await startBackground({
      args: async (folder) => [...(await commandOf(script)), ...["--dry-run", "--outdir", join(folder, "out")]],
      env: () => ({ WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" }),
    });
    expect(await wrangler.exited(), wrangler.output()).toBe(0);

    const objects = ["env.SESSIONS (Session)", "env.AUDIT (AuditTrail)", "env.ACCOUNTS (Account)", "env.LIBRARIES (Library)"];
    for (const binding of [...objects, "env.ASSETS", "env.LOADER"]) expect(wrangler.output()).toContain(binding);
    expect(wrangler.output()).not.toContain("WARNING");
    const out = join(wrangler.folder, "out");
    const modules = (await readdir(out)).filter((file) => file !== "README.md");
    expect(modules).toEqual(
      expect.arrayContaining(["index.mjs", "mcp.registry.json", expect.stringMatching(/^console-\w+\.mjs$/)]),
    );
    const sizes = modules.map(async (file) => gzipSync(await readFile(join(out, file))).byteLength);
    expect((await Promise.all(sizes)).reduce((sum, size) => sum + size)).toBeLessThan(gzipBytesMax);
    expect(await bytesIn(join(projectRoot, "dist/assets"))).toBeLessThan(assetsBytesMax);
  },
);

async function bytesIn(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** A script of package.json as arguments of Node. */
async function commandOf(script: string): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(projectRoot, "package.json"), "utf8"));
  const [program, ...args] = scripts[script].split(" ");
  expect(program).toBe("wrangler");
  return ["node_modules/wrangler/bin/wrangler.js", ...args];
}

it("a deployment under another name reads programs with its own compiler", { tags: ["deploy.own-compiler"] }, async () => {
  await using preview = await startPlainWorker("--env", "preview");
  await using client = await connectModern(`${preview.url}/mcp`);

  const { structured } = await client.call("execute_mcp_code", { code: "const n: number = 6; return n * 7;" });
  expect(structured).toMatchObject({ ok: true, result: 42 });
  expect((await fetch(`${preview.url}/readyz`)).status).toBe(200);
});
