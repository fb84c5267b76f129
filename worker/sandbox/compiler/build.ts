import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Library } from "./library.ts";

/*
 * Bundles the type checker, the TypeScript compiler and the language's library into one module, which the sandbox loads into
 * an isolate. It is a static asset and not part of the Worker, so that the Worker stays small and starts fast.
 */

const here = dirname(fileURLToPath(import.meta.url));
const outfile = join(here, "../../../dist/assets/compiler.js");

/** The newest library whose every feature the runtime has. The names that the compiler starts from. */
const libRoots = ["es2025", "esnext.disposable", "esnext.collection", "esnext.array", "esnext.error"];

export async function buildCompiler(): Promise<void> {
  await build({
    entryPoints: [join(here, "entrypoint.ts")],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    // The compiler asks for Node's modules only when it finds itself in Node.
    external: ["cloudflare:workers", "fs", "path", "os", "inspector", "perf_hooks", "module", "crypto"],
    plugins: [textModules],
    logLevel: "error",
  });
}

/** `…?text` is a file's text; `lib?json` the language's library and what is declared of the isolate. */
const textModules: Plugin = {
  name: "text-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?text$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace(/\?text$/, "")),
      namespace: "text",
    }));
    onResolve({ filter: /^lib\?json$/ }, () => ({ path: "lib", namespace: "lib" }));
    onLoad({ filter: /.*/, namespace: "text" }, async ({ path }) => ({ contents: await readFile(path, "utf8"), loader: "text" }));
    onLoad({ filter: /.*/, namespace: "lib" }, async () => ({ contents: JSON.stringify(await readLibrary()), loader: "json" }));
  },
};

/**
 * The library in as few files as can be: for every program the compiler goes through each of them, which with one file for each
 * feature took longer than checking the program.
 */
export async function readLibrary(): Promise<Library> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "lib");
  const files = new Map<string, string>();
  const seen = new Set<string>();
  /** After what it builds on: of the overloads of a function the later ones are tried first. */
  const add = async (name: string): Promise<void> => {
    const file = `lib.${name}.d.ts`;
    if (seen.has(file)) return;
    seen.add(file);
    const source = await readFile(join(folder, file), "utf8");
    for (const [, referenced = ""] of source.matchAll(/\/\/\/ <reference lib="([^"]+)" \/>/g)) await add(referenced);
    files.set(file, withoutComments(source));
  };
  for (const root of libRoots) await add(root);
  // What is written as a module declares globals too; in one file with the rest it would make a module of that.
  const isModule = ([, text]: [string, string]) => /^export /m.test(text);
  const modules = Object.fromEntries([...files].filter(isModule));
  const scripts = [...files].filter((file) => !isModule(file)).map(([, text]) => text);
  const isolateText = withoutComments(await readFile(join(here, "globals.d.ts"), "utf8"));
  return {
    files: { "lib.d.ts": scripts.join("\n"), ...modules },
    roots: ["lib.d.ts", ...Object.keys(modules)],
    isolateText,
  };
}

/** Nobody hovers here, and half of the library is comments. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
