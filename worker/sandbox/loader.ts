import { limits } from "../../core/limits.ts";
import type { SandboxOptions, ToolCaller } from "../../core/ports.ts";
import type { Program } from "../../core/program.ts";
// The long way round, because wrangler matches its text rule against the specifier and not against the file.
import consoleSource from "../sandbox/runtime/console.js";
import mainSource from "../sandbox/runtime/main.js";
import runtimeSource from "../sandbox/runtime/runtime.js";
import shimSource from "../sandbox/runtime/shim.js";

/** Our modules live in a folder of their own that no user file may name. */
const runtimeFolder = "mcp-orchestrator";

const runtimeModules = {
  [`${runtimeFolder}/main.js`]: mainSource,
  [`${runtimeFolder}/shim.js`]: shimSource,
  [`${runtimeFolder}/runtime.js`]: runtimeSource,
  [`${runtimeFolder}/console.js`]: consoleSource,
};

/** What main.js expects besides the caller. */
export interface IsolateInput {
  entry: string;
  links: Program["links"];
  argsJson: string;
  timeoutMs: number;
  logBounds: { lines: number; lineChars: number; chars: number };
}

/**
 * A fresh isolate for one program: no network, no environment, no Node modules, and nothing of another run's. Loading is
 * lazy; a program that does not link fails at the first call.
 */
export function loadIsolate(loader: WorkerLoader, program: Program): Isolate {
  const modules: Record<string, WorkerLoaderModule> = {};
  for (const [name, source] of Object.entries({ ...program.modules, ...runtimeModules })) modules[name] = { js: source };
  const worker = loader.load({
    compatibilityDate: "2026-11-01",
    // Without the first two, node:* modules, `process` and `Buffer` exist; without the third, `env` of cloudflare:workers.
    compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2", "disallow_importable_env"],
    mainModule: `${runtimeFolder}/main.js`,
    modules,
    env: {},
    globalOutbound: null,
  });
  return worker.getEntrypoint() as Isolate;
}

/** The loaded program. */
export type Isolate = Fetcher<IsolateEntrypoint>;

interface IsolateEntrypoint extends Rpc.WorkerEntrypointBranded {
  run(caller: ToolCaller, input: IsolateInput): Promise<unknown>;
}

export function isolateInput(program: Program, options: Omit<SandboxOptions, "signal">): IsolateInput {
  return {
    entry: program.entry,
    links: program.links,
    argsJson: options.argsJson,
    timeoutMs: options.timeoutMs,
    logBounds: { lines: options.logLinesMax, lineChars: limits.logLineCharsMax, chars: limits.logCharsMax },
  };
}
