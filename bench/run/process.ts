import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { Miniflare } from "miniflare";
import { parse } from "smol-toml";
import { z } from "zod";
import { type Contender, type Job, RunNotes } from "./job.ts";
import { processorMs } from "./processor-time.ts";

const root = new URL("../../", import.meta.url);

/** One workerd that runs the bench's Worker. */
export class BenchProcess implements AsyncDisposable {
  readonly #miniflare: Miniflare;
  readonly #url: URL;

  private constructor(miniflare: Miniflare, url: URL) {
    this.#miniflare = miniflare;
    this.#url = url;
  }

  static async start(worker: WorkerBundle): Promise<BenchProcess> {
    const miniflare = new Miniflare({
      enableDevRegistry: false,
      cf: false,
      workers: [
        {
          config: {
            name: workerName,
            compatibilityDate: worker.compatibilityDate,
            manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: worker.source } } },
            exports: { Bench: { type: "durable-object", storage: "sqlite" } },
            env: {
              BENCH: { type: "durable-object", worker: workerName, exportName: "Bench" },
              COMPILER: { type: "worker", worker: workerName, exportName: "Compiler" },
              LOADER: { type: "worker-loader" },
              ASSETS: { type: "disk", path: fileURLToPath(new URL("dist/assets", root)) },
            },
          },
          // Requests bypass Miniflare's own Worker, whose time would be part of every sample.
          dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
        },
      ],
    });
    await miniflare.ready;
    return new BenchProcess(miniflare, await miniflare.unsafeGetDirectURL(workerName));
  }

  /** Prepares the next `run` of this contender. */
  async prepare(job: Job): Promise<void> {
    await this.#post("prepare", { contender: job.contender }, job);
  }

  async run(contender: Contender): Promise<RunNotes> {
    return RunNotes.parse(await this.#post("run", { contender }));
  }

  /** Resolves once that many runs wait in a tool. */
  async hasWaiting(contender: Contender, runs: number): Promise<void> {
    await this.#post("waiting", { contender, runs: String(runs) });
  }

  /** Answers the calls in which runs wait. */
  async release(contender: Contender): Promise<void> {
    await this.#post("release", { contender });
  }

  /** Processor time that workerd has used so far: see processor-time.ts. */
  async processorMs(): Promise<number | undefined> {
    return processorMs((await this.#seenByPs()).pid);
  }

  /** Resident memory of workerd. */
  async residentBytes(): Promise<number> {
    return (await this.#seenByPs()).residentBytes;
  }

  /** workerd as `ps` sees it. */
  async #seenByPs(): Promise<{ pid: number; residentBytes: number }> {
    const { stdout } = await promisify(execFile)("ps", ["-axo", "ppid=,pid=,rss=,comm="]);
    const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/));
    const [own, other] = lines.filter(([parent, , , command]) => Number(parent) === process.pid && command?.includes("workerd"));
    if (own === undefined || other !== undefined)
      throw new Error("ps must show exactly one workerd among this process's children");
    return { pid: Number(own[1]), residentBytes: Number(own[2]) * 1024 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#miniflare.dispose();
  }

  async #post(path: string, query: Record<string, string>, body: object = {}): Promise<unknown> {
    const url = new URL(`${path}?${new URLSearchParams(query)}`, this.#url);
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    if (response.ok) return response.json();
    throw new Error(`/${path} answered ${response.status}: ${await response.text()}`);
  }
}

const workerName = "bench";

export interface WorkerBundle {
  source: string;
  compatibilityDate: string;
}

export async function bundleWorker(): Promise<WorkerBundle> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("worker/index.ts", import.meta.url))],
    write: false,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    plugins: [isolateFiles],
    logLevel: "error",
  });
  const declared = z.object({ compatibility_date: z.string() });
  const { compatibility_date: compatibilityDate } = declared.parse(parse(await readFile(new URL("wrangler.toml", root), "utf8")));
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild wrote nothing");
  return { source: output.text, compatibilityDate };
}

/** Files that run inside an isolate are imported as text, as wrangler.toml declares. */
const isolateFiles: Plugin = {
  name: "isolate-files",
  setup({ onLoad }) {
    onLoad({ filter: /\/(?:dist\/runtime|bench\/run\/worker)\/[^/]+\.js$/ }, async ({ path }) => ({
      contents: await readFile(path, "utf8"),
      loader: "text",
    }));
  },
};
