import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build, type Plugin } from "esbuild";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { mainConfig } from "../../bridge/local/workerd-config.ts";
import { workerdBinary } from "../../bridge/sandbox/workerd-binary.ts";
import { mainWorker } from "../../worker/build.ts";
import { processorMs } from "../run/processor-time.ts";
import { summarize } from "../run/statistics.ts";

/* What the console adds to the main Worker: bytes of its bundle, and processor time until it answers its first request. */

/** The Worker without the console's pages. */
const withoutConsole: Plugin = {
  name: "without-console",
  setup({ onLoad }) {
    const contents = 'import { Hono } from "hono"; export const consoleRoutes = new Hono();';
    onLoad({ filter: /worker\/http\/routes\/console\.tsx$/ }, () => ({ contents, loader: "ts" }));
  },
};

export interface StartCost {
  /** Of the bundle, not minified. */
  bytes: { with: number; without: number };
  /** Milliseconds of processor time of workerd until `/livez` is answered. */
  cpuMs: { with: number[]; without: number[] };
}

/** Starts the main Worker `rounds` times with and without the console, in turn. Linux only. */
export async function measureStart(rounds: number): Promise<StartCost> {
  const folder = await mkdtemp(join(tmpdir(), "bench-console-"));
  try {
    for (const name of ["assets", "storage"]) await mkdir(join(folder, name));
    await writeFile(join(folder, "registry.json"), '{ "servers": [] }');
    const bytes = { with: await bundle(folder, "with", []), without: await bundle(folder, "without", [withoutConsole]) };
    const cpuMs: StartCost["cpuMs"] = { with: [], without: [] };
    for (let round = 0; round < 2 * rounds; round++) {
      const kind = round % 2 === 0 ? "with" : "without";
      const used = await startOnce(folder, kind);
      // The first ones read the program from the disk.
      if (round > 1) cpuMs[kind].push(used);
    }
    return { bytes, cpuMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(folder: string, name: string, more: Plugin[]): Promise<number> {
  const plugins = [...(mainWorker.plugins ?? []), ...more];
  const outfile = join(folder, `${name}.mjs`);
  const { metafile } = await build({ ...mainWorker, plugins, outfile, metafile: true, logLevel: "warning" });
  return Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
}

/** The one that workerd of this machine certainly knows: it has no part in what is compared. */
const compatibilityDate = "2026-11-01";

async function startOnce(folder: string, name: string): Promise<number> {
  const port = await findFreePort();
  const paths = { script: `${name}.mjs`, assets: "assets", storage: "storage", registry: "registry.json" };
  const empty = { secrets: new Map<string, string>(), entrypoints: {}, certificates: [] };
  const config = join(folder, `${name}.capnp`);
  await writeFile(config, mainConfig({ port, compatibilityDate, ...paths, ...empty }));
  const started = spawn(workerdBinary, ["serve", "--experimental", config], { cwd: folder, stdio: "ignore" });
  const exited = new Promise((resolve) => started.once("exit", resolve));
  try {
    for (let tries = 0; tries < 1_000; tries++) {
      const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined);
      if (answer?.ok) return (await processorMs(started.pid ?? 0)) ?? Number.NaN;
      await delay(10);
    }
    throw new Error("workerd did not answer");
  } finally {
    started.kill();
    await exited;
  }
}

/** For the report. */
export function startReport({ bytes, cpuMs }: StartCost): string {
  const [own, bare] = [summarize(cpuMs.with).median, summarize(cpuMs.without).median];
  const share = ((100 * (bytes.with - bytes.without)) / bytes.with).toFixed(1);
  return `The console's code is ${bytes.with - bytes.without} of the main bundle's ${bytes.with} bytes (${share} %).
To its first answer the main Worker takes ${own.toFixed(0)} ms of processor time with it, and ${bare.toFixed(0)} ms without (${(own / bare).toFixed(3)} ×, ${cpuMs.with.length} starts each).
`;
}
