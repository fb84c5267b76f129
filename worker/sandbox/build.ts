import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { buildCompiler } from "./compiler/build.ts";

/*
 * Builds what must exist before the Worker is bundled:
 * - the runtime files of a program's isolate;
 * - the type checker, as a static asset;
 * - a Worker with sandbox and compiler, for the separate processes of `npm start`. (In a deployment they are part of the main
 *   Worker, which wrangler bundles.)
 * wrangler runs this before dev and deploy, and the test configuration runs it too.
 */

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "../../dist");

export async function buildAll(): Promise<void> {
  await buildRuntime();
  await Promise.all([buildCompiler(), buildSandboxWorker()]);
}

/** Every new isolate compiles these files, so their number and size add to the time of each run. */
async function buildRuntime(): Promise<void> {
  await build({
    // An entry point of its own, because clients import the shim and must share the instance that main.js has connected.
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

/** Does in esbuild what a rule in wrangler.toml does there: imports the isolate's files as text. */
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
