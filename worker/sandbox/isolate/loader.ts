import { cpuBudgetMs } from "../../../core/limit-messages.ts";
import { limits } from "../../../core/limits.ts";
import { needsNode } from "../../../core/program/node-modules.ts";
import type { Program } from "../../../core/program/program.ts";
import { type IsolateBounds, isolateBounds } from "../../../core/run/isolate-bounds.ts";
import type { SandboxOptions } from "../../../core/run/sandbox.ts";
import mainSource from "../../../dist/runtime/main.js";
import sharedSource from "../../../dist/runtime/shared.js";
import shimSource from "../../../dist/runtime/shim.js";

/** Our modules live in a folder of their own that no user file may name. build.ts makes them of runtime/*.js. */
const runtimeFolder = "mcp-orchestrator";

const runtimeModules = {
  [`${runtimeFolder}/main.js`]: mainSource,
  [`${runtimeFolder}/shim.js`]: shimSource,
  [`${runtimeFolder}/shared.js`]: sharedSource,
};

/** Without it, `cloudflare:workers` exports `env`. */
const noEnvironment = "disallow_importable_env";

/** By default node:* modules, `process` and `Buffer` exist. */
const plainFlags = ["no_nodejs_compat", "no_nodejs_compat_v2", noEnvironment];

/** With Node's modules, for a program that imports one: less those that reach further, so that nothing can lead there. */
const nodeFlags = [
  ...["fs", "os", "tty", "child_process", "cluster", "worker_threads", "vm", "v8", "repl", "readline", "inspector", "console"],
  ...["dgram", "domain", "http2", "perf_hooks", "punycode", "sqlite", "stream_wrap", "trace_events", "wasi"],
]
  .map((module) => `disable_nodejs_${module}_module`)
  .concat("disable_nodejs_http_modules", "disable_nodejs_http_server_modules", "disable_nodejs_process_v2")
  .concat("no_nodejs_global_timers", noEnvironment);

/** What of a run's options the isolate is told. */
export type IsolateOptions = Pick<SandboxOptions, "argsJson" | "timeoutMs" | "logLinesMax">;

/** What main.js expects besides the caller. */
export interface IsolateInput {
  entry: string;
  links: Program["links"];
  argsJson: string;
  timeoutMs: number;
  /** Computing time; see runtime/guard.js. */
  cpuMs: number;
  bounds: IsolateBounds;
}

/**
 * A fresh isolate for one program: no network, no environment, no modules of Node but those it imports, nothing of another run's. Loading is
 * lazy; a program that does not link fails at the first call.
 */
export function loadIsolate(loader: WorkerLoader, program: Program): Isolate {
  const modules: Record<string, WorkerLoaderModule> = {};
  for (const [name, source] of Object.entries({ ...program.modules, ...runtimeModules })) modules[name] = { js: source };
  const worker = loader.load({
    compatibilityDate: "2026-11-01",
    compatibilityFlags: needsNode(program.links) ? nodeFlags : plainFlags,
    mainModule: `${runtimeFolder}/main.js`,
    modules,
    env: {},
    globalOutbound: null,
    // Local workerd reads neither; there the guard in the program and the watch over its process do this.
    limits: { cpuMs: limits.runCpuMs, subRequests: limits.callsKeptMax },
  });
  return worker.getEntrypoint() as Isolate;
}

/** The loaded program. */
export type Isolate = Fetcher<IsolateEntrypoint>;

interface IsolateEntrypoint extends Rpc.WorkerEntrypointBranded {
  run(caller: Rpc.Stubable, input: IsolateInput): Promise<unknown>;
}

export function isolateInput(program: Program, options: IsolateOptions): IsolateInput {
  return {
    entry: program.entry,
    links: program.links,
    argsJson: options.argsJson,
    timeoutMs: options.timeoutMs,
    cpuMs: cpuBudgetMs(options.timeoutMs),
    bounds: isolateBounds(options.logLinesMax),
  };
}
