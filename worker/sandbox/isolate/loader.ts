import { cpuBudgetMs } from "../../../core/limit-messages.ts";
import { limits } from "../../../core/limits.ts";
import { needsNode } from "../../../core/program/node-modules.ts";
import { type Program, shellModule } from "../../../core/program/program.ts";
import { tracelessCalls, tracelessGlobals } from "../../../core/program/traceless.ts";
import { type IsolateBounds, isolateBounds } from "../../../core/run/isolate-bounds.ts";
import type { SandboxOptions } from "../../../core/run/sandbox.ts";
import firstSource from "../../../dist/runtime/first.js";
import firstSharedSource from "../../../dist/runtime/first-shared.js";
import firstShimSource from "../../../dist/runtime/first-shim.js";
import mainSource from "../../../dist/runtime/main.js";
import sharedSource from "../../../dist/runtime/shared.js";
import shimSource from "../../../dist/runtime/shim.js";
import { keptLimits } from "./kept-limits.ts";

/** The folder of the runtime modules, which user files cannot use. build.ts bundles the modules from runtime/*.js. */
const runtimeFolder = "mcp-orchestrator";

const mainModule = `${runtimeFolder}/main.js`;

/** Clients import the shim. */
const shimModule = `${runtimeFolder}/shim.js`;

/** For any program. */
const wholeRuntime = {
  [mainModule]: mainSource,
  [shimModule]: shimSource,
  [`${runtimeFolder}/shared.js`]: sharedSource,
};

/** For one that runs once, in one life and without the module runtime: see runtime/first.js. */
const firstRuntime = {
  [mainModule]: firstSource,
  [shimModule]: firstShimSource,
  [`${runtimeFolder}/first-shared.js`]: firstSharedSource,
};

/** Removes `env` from the exports of `cloudflare:workers`. */
const noEnvironment = "disallow_importable_env";

/** Without these flags, node:* modules, `process` and `Buffer` would exist by default. */
const plainFlags = ["no_nodejs_compat", "no_nodejs_compat_v2", noEnvironment];

/** For a program that imports a Node module: Node compatibility, without the modules that reach outside the isolate. */
const nodeFlags = [
  ...["fs", "os", "tty", "child_process", "cluster", "worker_threads", "vm", "v8", "repl", "readline", "inspector", "console"],
  ...["dgram", "domain", "http2", "perf_hooks", "punycode", "sqlite", "stream_wrap", "trace_events", "wasi"],
]
  .map((module) => `disable_nodejs_${module}_module`)
  .concat("disable_nodejs_http_modules", "disable_nodejs_http_server_modules", "disable_nodejs_process_v2")
  .concat("no_nodejs_global_timers", noEnvironment);

/** The run options that are passed to the isolate. */
export type IsolateOptions = Pick<SandboxOptions, "argsJson" | "timeoutMs" | "logLinesMax" | "determinism"> & {
  /** An isolate that is kept runs programs of one session only. */
  session: string;
};

/** The input of isolate.js, besides the caller. */
export interface IsolateInput {
  entry: string;
  links: Program["links"];
  isTraceless: boolean;
  argsJson: string;
  timeoutMs: number;
  /** The limit on computing time; see runtime/guard.js. */
  cpuMs: number;
  bounds: IsolateBounds;
  /** For an isolate that is kept: what runtime/kept.js compares, and how much a run may exchange and compute to be followed by another. */
  kept: Kept | undefined;
  /** For a program that may be run again: see runtime/replayable.js. */
  determinism: SandboxOptions["determinism"];
}

interface Kept {
  globals: typeof tracelessGlobals;
  calls: typeof tracelessCalls;
  chars: number;
  computedMs: number;
}

/**
 * Loads an isolate for one program: a fresh one or, with a name, the one that was loaded under that name. It has no network, no
 * environment, and only the Node modules that the program imports. Loading is lazy: a program that fails to link fails at the first
 * call.
 */
export function loadIsolate(loader: WorkerLoader, program: Program, { name, shell, isReplayable }: Loading = {}): Isolate {
  const isFirst = name === undefined && !isReplayable && !usesRuntime(program);
  const code = () => codeOf(program, { runtime: isFirst ? firstRuntime : wholeRuntime, shell });
  const worker = name === undefined ? loader.load(code()) : loader.get(name, code);
  return worker.getEntrypoint() as Isolate;
}

interface Loading {
  name?: string | undefined;
  /** The text of the shell, for a program that has one. */
  shell?: string | undefined;
  isReplayable?: boolean;
}

function usesRuntime({ links }: Program): boolean {
  return Object.values(links).some((targets) => Object.values(targets).includes("runtime"));
}

function codeOf(
  program: Program,
  { runtime, shell }: { runtime: Record<string, string>; shell?: string | undefined },
): WorkerLoaderWorkerCode {
  const modules: Record<string, WorkerLoaderModule> = shell === undefined ? {} : { [shellModule]: { js: shell } };
  for (const [name, source] of Object.entries({ ...program.modules, ...runtime })) modules[name] = { js: source };
  return {
    compatibilityDate: "2026-11-01",
    compatibilityFlags: needsNode(program.links) ? nodeFlags : plainFlags,
    mainModule,
    modules,
    env: {},
    globalOutbound: null,
    // Local workerd enforces neither limit. There, the guard in the program and the watch over its process do.
    limits: { cpuMs: limits.runCpuMs, subRequests: limits.callsKeptMax },
  };
}

/** All that an isolate that is kept has besides its program, as text. */
export function isolateText(): string {
  return JSON.stringify(codeOf({ entry: "", modules: {}, links: {}, isTraceless: true }, { runtime: wholeRuntime }));
}

/** The loaded program. */
export type Isolate = Fetcher<IsolateEntrypoint>;

interface IsolateEntrypoint extends Rpc.WorkerEntrypointBranded {
  run(caller: Rpc.Stubable, input: IsolateInput): Promise<unknown>;
}

export function isolateInput(program: Program, options: IsolateOptions, isKept: boolean): IsolateInput {
  return {
    entry: program.entry,
    links: program.links,
    isTraceless: program.isTraceless,
    argsJson: options.argsJson,
    timeoutMs: options.timeoutMs,
    cpuMs: cpuBudgetMs(options.timeoutMs),
    bounds: isolateBounds(options.logLinesMax),
    kept: isKept ? kept : undefined,
    determinism: options.determinism,
  };
}

const kept: Kept = {
  globals: tracelessGlobals,
  calls: tracelessCalls,
  chars: keptLimits.keptRunCharsMax,
  computedMs: keptLimits.keptRunCpuMs,
};
