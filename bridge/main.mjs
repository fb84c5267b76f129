#!/usr/bin/env node
/*
 * The command line, from one bundle: it starts in a quarter of the time and half of the memory that its many TypeScript files take.
 * Builds first when a source file has changed. In a package there are no source files, and the bundle is complete.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const build = join(root, "worker/build.ts");

if (existsSync(build)) {
  const { isFresh } = await import(pathToFileURL(join(root, "worker/build-record.js")).href);
  if (!isFresh(root)) {
    const hook = pathToFileURL(join(root, "worker/strip-types.mjs")).href;
    const withHook = ["--import", `data:text/javascript,import { register } from "node:module"; register("${hook}");`];
    const options = process.features.typescript ? [] : withHook;
    const { status } = spawnSync(process.execPath, [...options, build], { stdio: ["ignore", 2, 2] });
    if (status !== 0) process.exit(status ?? 1);
  }
}
await import("../dist/cli.mjs");
