import type { TypeCheckInput } from "../../../core/program/type-checker.ts";

/** The RPC interface of the compiler's isolate. */
interface CompilerEntrypoint extends Rpc.WorkerEntrypointBranded {
  check(input: TypeCheckInput): Promise<unknown>;
  lower(input: { file: string; source: string }): Promise<unknown>;
}

export interface CompilerEnv {
  LOADER: WorkerLoader;
  /** The compiler's bundle. */
  ASSETS: Fetcher;
}

/** A constant id, so that the isolate is reused with its parsed library. An id from the bundle's digest would cost more. */
const isolateId = "compiler";

/**
 * The compiler's isolate, loaded from the static assets if it does not exist yet. It only reads programs as text and never runs
 * them.
 */
export function loadCompiler(env: CompilerEnv): Fetcher<CompilerEntrypoint> {
  const worker = env.LOADER.get(isolateId, async () => {
    const asset = await env.ASSETS.fetch("https://assets/compiler.js");
    if (!asset.ok) throw new Error(`the compiler is not among the assets (${asset.status}); build it with: npm run build`);
    return {
      compatibilityDate: "2026-11-01",
      compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2", "disallow_importable_env"],
      mainModule: "compiler.js",
      modules: { "compiler.js": { js: await asset.text() } },
      env: {},
      globalOutbound: null,
    };
  });
  return worker.getEntrypoint() as Fetcher<CompilerEntrypoint>;
}
