import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import type { Library } from "./library.ts";

/*
 * Bundles the type checker, the TypeScript compiler and its standard library into one module, which the sandbox loads into an
 * isolate. It is a static asset and not part of the Worker, so that the Worker stays small and starts fast.
 */

const here = dirname(fileURLToPath(import.meta.url));
const outfile = join(here, "../../../dist/assets/compiler.js");

/** The newest libraries whose features the runtime supports completely. */
const libRoots = ["es2025", "esnext.disposable", "esnext.collection", "esnext.array", "esnext.error"];

/** Resolves `…?text` to the text of a file, and `lib?json` to the standard library with the declarations of the isolate. */
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

export const compilerBundle: BuildOptions = {
  entryPoints: [join(here, "entrypoint.ts")],
  outfile,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2024",
  // The compiler requires Node's modules only when it runs in Node.
  external: ["cloudflare:workers", "fs", "path", "os", "inspector", "perf_hooks", "module", "crypto"],
  plugins: [textModules],
};

/**
 * The library in as few files as possible. The compiler visits each file for every program, which took longer than the check
 * itself when each feature had its own file.
 */
export async function readLibrary(): Promise<Library> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "lib");
  const files = new Map<string, string>();
  const seen = new Set<string>();
  /** Adds a file after the files that it references, because the compiler tries later overloads of a function first. */
  const add = async (name: string): Promise<void> => {
    const file = `lib.${name}.d.ts`;
    if (seen.has(file)) return;
    seen.add(file);
    const source = await readFile(join(folder, file), "utf8");
    for (const [, referenced = ""] of source.matchAll(/\/\/\/ <reference lib="([^"]+)" \/>/g)) await add(referenced);
    files.set(file, withoutComments(source));
  };
  for (const root of libRoots) await add(root);
  // Some libraries are written as modules. Joined with the others, they would turn the whole file into a module.
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

/** Comments serve editors only, and make up half of the library. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
