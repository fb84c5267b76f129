import { limits } from "../../../core/limits.ts";
import type { ReadRequest } from "../../../core/program/reader.ts";

/** The RPC interface of the compiler's isolate. */
interface CompilerEntrypoint extends Rpc.WorkerEntrypointBranded {
  ready(): Promise<void>;
  read(request: ReadRequest): Promise<unknown>;
}

export interface CompilerEnv {
  LOADER: WorkerLoader;
  /** The compiler's bundle. */
  ASSETS: Fetcher;
}

/**
 * A constant id, so that the isolate is reused with its parsed library, until it was ended. An id from the bundle's digest would cost
 * more.
 */
let generation = 1;

/**
 * The compiler's isolate, loaded from the static assets if it does not exist yet. It only reads programs as text and never runs
 * them.
 */
export function loadCompiler(env: CompilerEnv): Fetcher<CompilerEntrypoint> {
  const worker = env.LOADER.get(`compiler-${generation}`, async () => {
    const asset = await env.ASSETS.fetch("https://assets/compiler.js");
    if (!asset.ok) throw new Error(`the compiler is not among the assets (${asset.status}); build it with: npm run build`);
    return {
      compatibilityDate: "2026-11-01",
      compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2", "disallow_importable_env"],
      mainModule: "compiler.js",
      modules: { "compiler.js": { js: await asset.text() } },
      env: {},
      globalOutbound: null,
      // Local workerd does not enforce it. There the session has the process replaced.
      limits: { cpuMs: limits.readMs },
    };
  });
  return worker.getEntrypoint() as Fetcher<CompilerEntrypoint>;
}

/** An isolate that was ended is not used again. */
export function abandonCompiler(): void {
  generation += 1;
}
