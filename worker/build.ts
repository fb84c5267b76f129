import { readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { fileRefusal } from "../core/file-refusal.ts";
import { buildUnlessFresh } from "./build-output.ts";
import { compilerBundle } from "./sandbox/compiler/build.ts";
import { shellBundle } from "./sandbox/shell/build.ts";

/*
 * Builds what must exist before a Worker runs:
 * - the runtime files of a program's isolate;
 * - the compiler, the shell, and the console's scripts and style, as static assets;
 * - the main Worker, which wrangler deploys as it is and `npm start` runs on workerd itself. What it imports only when it is needed, such
 *   as the console, is a module of its own, and so is the registry, as text, so that each start can have another;
 * - for `npm start`, a Worker with sandbox and compiler only;
 * - the command line;
 * - the faces, which the package exports.
 * wrangler runs this before dev and deploy, the command line before it starts, and the test configuration runs it too. Nothing is
 * built or written when nothing has changed, because a running `wrangler dev` watches the output.
 */

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");

export async function buildAll(): Promise<void> {
  await buildUnlessFresh({
    root,
    // The Workers contain the runtime as text.
    steps: [
      [runtime, firstRuntime],
      [compilerBundle, shellBundle, consoleFiles, sandboxWorker, mainWorker, registryFile, commandLine, facesBundle],
    ],
    alsoReads: [
      "package-lock.json",
      ...[
        "build.ts",
        "build-output.ts",
        "build-record.js",
        "sandbox/compiler/build.ts",
        "sandbox/compiler/globals.d.ts",
        "sandbox/shell/build.ts",
      ].map((file) => `worker/${file}`),
    ],
  });
}

const runtimeFile = (name: string) => join(here, "sandbox/isolate/runtime", name);

/** Every new isolate compiles these files, so their number and size add to the time of each run. */
const runtime: BuildOptions = {
  // An entry point of its own, because clients import the shim and must share the instance that main.js has connected.
  entryPoints: [runtimeFile("main.js"), runtimeFile("shim.js")],
  outdir: join(root, "dist/runtime"),
  bundle: true,
  splitting: true,
  chunkNames: "shared",
  minify: true,
  format: "esm",
  target: "es2024",
  external: ["cloudflare:workers", "node:*"],
};

/** The same with less, for most programs that are new. */
const firstRuntime: BuildOptions = {
  ...runtime,
  entryPoints: { first: runtimeFile("first.js"), "first-shim": runtimeFile("shim.js") },
  chunkNames: "first-shared",
};

/** Does in esbuild what a rule in wrangler.toml does there: imports the isolate's files as text. */
const runtimeAsText: Plugin = {
  name: "runtime-as-text",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /dist\/runtime\/[^/]+\.js$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      namespace: "text",
    }));
    onLoad({ filter: /.*/, namespace: "text" }, async ({ path }) => ({
      contents: await readFile(path, "utf8"),
      loader: "text",
      watchFiles: [path],
    }));
  },
};

/** The registry is a module beside the Worker: a deployment has the project's, and `npm start` passes its own as a variable. */
const registryBeside: Plugin = {
  name: "registry-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/mcp\.registry\.json$/ }, () => ({ path: "./mcp.registry.json", external: true }));
  },
};

const workerBundle: BuildOptions = {
  bundle: true,
  format: "esm",
  target: "es2024",
  platform: "neutral",
  conditions: ["workerd", "worker", "browser"],
  mainFields: ["module", "main"],
  // Packages name Node's modules with and without the prefix. workerd has them.
  alias: Object.fromEntries(builtinModules.filter((name) => !name.startsWith("_")).map((name) => [name, `node:${name}`])),
  external: ["cloudflare:*", "node:*"],
  plugins: [runtimeAsText, registryBeside],
};

/** The scripts and the style of the console, as static assets. */
const consoleFiles: BuildOptions = {
  entryPoints: ["play.ts", "live.ts", "numbers.ts", "console.css"].map((file) => join(here, "console/client", file)),
  outdir: join(root, "dist/assets/console"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
};

const sandboxWorker: BuildOptions = {
  ...workerBundle,
  entryPoints: [join(here, "sandbox/index.ts")],
  outfile: join(root, "dist/sandbox/index.mjs"),
};

/** What `npm start` starts first, and what is deployed. */
export const mainWorker: BuildOptions = {
  ...workerBundle,
  entryPoints: [join(here, "index.ts")],
  outdir: join(root, "dist/worker"),
  outExtension: { ".js": ".mjs" },
  splitting: true,
  // The name of a module that is loaded later says what it is.
  chunkNames: "[name]-[hash]",
};

/** The registry that is deployed. */
const registryFile: BuildOptions = {
  entryPoints: [join(root, "skills/mcp-dynamic-orchestrator/mcp.registry.json")],
  outdir: join(root, "dist/worker"),
  loader: { ".json": "copy" },
};

/** `npm start` and every other command: see bridge/main.mjs. */
const commandLine: BuildOptions = {
  entryPoints: [join(root, "bridge/cli.ts")],
  outfile: join(root, "dist/cli.mjs"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  inject: [join(root, "bridge/node-20.js")],
  mainFields: ["module", "main"],
  // Some packages are CommonJS and require Node's modules.
  banner: { js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);' },
};

/** What the package exports. Its dependencies stay imports, so that whoever bundles it has each of them once. */
const facesBundle: BuildOptions = {
  entryPoints: ["index", "ai", "openai", "openai-agents", "langchain", "tanstack-ai", "agents", "client"].map((name) =>
    join(root, `faces/${name}.ts`),
  ),
  outdir: join(root, "dist/faces"),
  bundle: true,
  splitting: true,
  chunkNames: "shared-[hash]",
  packages: "external",
  platform: "neutral",
  format: "esm",
  target: "es2022",
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await buildAll();
  } catch (error) {
    const refusal = fileRefusal(error);
    if (refusal === undefined) throw error;
    process.stderr.write(`error: The build is not finished. ${refusal}\n`);
    process.exitCode = 1;
  }
}
