import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { guardedScript } from "../../../core/program/guarded-script.ts";

/*
 * Bundles the shell into one module, a static asset that is loaded into an isolate when commands are to run. Its loops call the guard, as those of a
 * program do, so that commands are stopped like programs.
 */

const here = dirname(fileURLToPath(import.meta.url));
const shell = join(dirname(createRequire(import.meta.url).resolve("just-bash")), "browser.js");
const hook = join(here, "guard-hook.js");

const guarded: Plugin = {
  name: "guarded",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^just-bash\/browser$/ }, () => ({ path: shell }));
    onLoad({ filter: /just-bash[/\\]dist[/\\]bundle[/\\]browser\.js$/ }, async ({ path }) => {
      const script = guardedScript(await readFile(path, "utf8"), "$pass");
      return { contents: `import { pass as $pass } from ${JSON.stringify(hook)};\n${script}`, loader: "js" };
    });
  },
};

export const shellBundle: BuildOptions = {
  entryPoints: [join(here, "shell.js")],
  outfile: join(here, "../../../dist/assets/shell.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2024",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["browser"],
  external: ["node:*"],
  inject: [join(here, "buffer.js")],
  plugins: [guarded],
};
