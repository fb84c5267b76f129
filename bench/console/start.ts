import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build, type Metafile, type Plugin } from "esbuild";
import { workerModules } from "../../bridge/local/code-copy.ts";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { mainConfig } from "../../bridge/local/workerd-config.ts";
import { workerdBinary } from "../../bridge/sandbox/workerd-binary.ts";
import { mainWorker } from "../../worker/build.ts";
import { processorMs } from "../run/processor-time.ts";
import { summarize } from "../run/statistics.ts";

/* What the console adds to the main Worker: bytes that run at its start, and processor time until it answers its first request. */

/** The Worker without the console's pages. */
const withoutConsole: Plugin = {
  name: "without-console",
  setup({ onLoad }) {
    const contents = "export const pages = { answer: async () => undefined };";
    onLoad({ filter: /worker\/http\/routes\/console\.tsx$/ }, () => ({ contents, loader: "ts" }));
  },
};

/** All of it in one module, which is evaluated at the start. */
const atOnce: Plugin = {
  name: "at-once",
  setup({ onLoad }) {
    const contents =
      'import { pages } from "./console.tsx"; export const serveConsole = async (c, next) => (await pages.answer(c)) ?? next();';
    onLoad({ filter: /worker\/http\/routes\/console-entry\.ts$/ }, () => ({ contents, loader: "ts" }));
  },
};

const kinds = { with: [], without: [withoutConsole], atOnce: [atOnce] } as const;
type Kind = keyof typeof kinds;
type ByKind<Value> = Record<Kind, Value>;

export interface StartCost {
  /** Of the modules that are evaluated at the start, not minified. */
  evaluatedBytes: ByKind<number>;
  /** Of the module with the console, which is read at the start and evaluated with the first request for a page. */
  consoleBytes: number;
  /** Milliseconds of processor time of workerd until `/livez` is answered. */
  cpuMs: ByKind<number[]>;
  /** Milliseconds of the first request for something of the console, and of the second. */
  pageMs: { first: number[]; second: number[] };
}

/** Starts the main Worker `rounds` times with its console, without, and with one that is evaluated at the start, in turn. Linux only. */
export async function measureStart(rounds: number): Promise<StartCost> {
  const folder = await mkdtemp(join(tmpdir(), "bench-console-"));
  try {
    const metafiles = {
      with: await bundle(folder, "with"),
      without: await bundle(folder, "without"),
      atOnce: await bundle(folder, "atOnce"),
    };
    const cost: StartCost = {
      evaluatedBytes: {
        with: evaluatedBytes(metafiles.with),
        without: evaluatedBytes(metafiles.without),
        atOnce: evaluatedBytes(metafiles.atOnce),
      },
      consoleBytes: outputOf(metafiles.with, /^console-/)[1].bytes,
      cpuMs: { with: [], without: [], atOnce: [] },
      pageMs: { first: [], second: [] },
    };
    // The first ones read the program from the disk.
    for (let round = -1; round < rounds; round++) {
      const order = ["with", "without", "atOnce"] as const;
      // Each is first, second and last as often as the others.
      const first = (round + order.length) % order.length;
      for (const kind of [...order.slice(first), ...order.slice(0, first)]) {
        const started = await startOnce(join(folder, kind));
        if (round < 0) continue;
        cost.cpuMs[kind].push(started.cpuMs);
        if (kind !== "with") continue;
        cost.pageMs.first.push(started.firstMs);
        cost.pageMs.second.push(started.secondMs);
      }
    }
    return cost;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(folder: string, kind: Kind): Promise<Metafile> {
  const own = join(folder, kind);
  for (const name of ["assets", "storage"]) await mkdir(join(own, name), { recursive: true });
  await writeFile(join(own, "registry.json"), '{ "servers": [] }');
  const plugins = [...(mainWorker.plugins ?? []), ...kinds[kind]];
  const outdir = join(own, "worker");
  const { metafile } = await build({ ...mainWorker, plugins, outdir, metafile: true, logLevel: "warning" });
  return metafile;
}

type Output = Metafile["outputs"][string];

function outputOf({ outputs }: Metafile, name: RegExp): [path: string, output: Output] {
  const found = Object.entries(outputs).find(([path]) => name.test(basename(path)));
  if (found === undefined) throw new Error(`there is no module ${name}`);
  return found;
}

/** Of the entry, and of what it imports not only when it is needed. */
function evaluatedBytes(metafile: Metafile): number {
  const seen = new Map([outputOf(metafile, /^index\.mjs$/)]);
  for (const { imports } of seen.values()) {
    for (const { path, kind } of imports) {
      const output = metafile.outputs[path];
      if (kind === "import-statement" && output !== undefined) seen.set(path, output);
    }
  }
  return [...seen.values()].reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The one that workerd of this machine certainly knows: it has no part in what is compared. */
const compatibilityDate = "2026-11-01";

interface Started {
  cpuMs: number;
  firstMs: number;
  secondMs: number;
}

async function startOnce(folder: string): Promise<Started> {
  const port = await findFreePort();
  const paths = { modules: await workerModules(folder), assets: "assets", storage: "storage", registry: "registry.json" };
  const empty = { secrets: new Map<string, string>(), entrypoints: {}, certificates: [] };
  const config = join(folder, "worker.capnp");
  await writeFile(config, mainConfig({ port, compatibilityDate, ...paths, ...empty }));
  const started = spawn(workerdBinary, ["serve", "--experimental", config], { cwd: folder, stdio: "ignore" });
  const exited = new Promise((resolve) => started.once("exit", resolve));
  const url = `http://127.0.0.1:${port}`;
  // The console answers it, without a session.
  const page = () => timed(async () => void (await (await fetch(`${url}/console/assets/none`)).text()));
  try {
    for (let tries = 0; tries < 1_000; tries++) {
      const answer = await fetch(`${url}/livez`).catch(() => undefined);
      if (answer?.ok) {
        const cpuMs = (await processorMs(started.pid ?? 0)) ?? Number.NaN;
        return { cpuMs, firstMs: await page(), secondMs: await page() };
      }
      await delay(10);
    }
    throw new Error("workerd did not answer");
  } finally {
    started.kill();
    await exited;
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** For the report. */
export function startReport({ evaluatedBytes, consoleBytes, cpuMs, pageMs }: StartCost): string {
  const median = (times: number[]) => summarize(times).median;
  const own = median(cpuMs.with);
  const ratio = (to: number) => `${(own / to).toFixed(3)} ×`;
  return `At its start the main Worker evaluates ${evaluatedBytes.with} bytes, ${evaluatedBytes.without} without a console, and ${evaluatedBytes.atOnce} if the console were not a module of its own (of ${consoleBytes} bytes).
To its first answer it takes ${own.toFixed(0)} ms of processor time, ${median(cpuMs.without).toFixed(0)} ms without a console (${ratio(median(cpuMs.without))}), and ${median(cpuMs.atOnce).toFixed(0)} ms if it were not (${ratio(median(cpuMs.atOnce))}; ${cpuMs.with.length} starts each).
The first request for something of the console takes ${median(pageMs.first).toFixed(1)} ms, the second ${median(pageMs.second).toFixed(1)} ms.
`;
}
