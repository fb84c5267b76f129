import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { buildCompiler } from "./compiler/build.ts";

/*
 * What is made before the Worker is bundled: the files that run in a program's isolate, put together; the type checker, an asset;
 * and for the processes that `npm start` runs apart from the sessions, sandbox and compiler as a Worker of their own (deployed,
 * they are part of the one Worker, and wrangler bundles them). wrangler runs this before dev and deploy; the test configuration runs
 * it too.
 */

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "../../dist");

export async function buildAll(): Promise<void> {
  await buildRuntime();
  await Promise.all([buildCompiler(), buildSandboxWorker()]);
}

/** Every isolate compiles these anew, so their number and size are part of what each run costs. */
async function buildRuntime(): Promise<void> {
  await build({
    // Clients import the shim and must get the very one that main.js has connected.
    entryPoints: [join(here, "isolate/runtime/main.js"), join(here, "isolate/runtime/shim.js")],
    outdir: join(dist, "runtime"),
    bundle: true,
    splitting: true,
    chunkNames: "shared",
    minify: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:workers", "node:*"],
    logLevel: "error",
  });
}

async function buildSandboxWorker(): Promise<void> {
  await build({
    entryPoints: [join(here, "index.ts")],
    outfile: join(dist, "sandbox/index.mjs"),
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:workers"],
    plugins: [runtimeAsText],
    logLevel: "error",
  });
}

/** The rule of wrangler.toml, for esbuild: the files that run inside the isolate are text here. */
const runtimeAsText: Plugin = {
  name: "runtime-as-text",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /dist\/runtime\/[^/]+\.js$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      namespace: "text",
    }));
    onLoad({ filter: /.*/, namespace: "text" }, async ({ path }) => ({ contents: await readFile(path, "utf8"), loader: "text" }));
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
