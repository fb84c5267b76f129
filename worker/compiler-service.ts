import { exports } from "cloudflare:workers";
import type { SessionEnv } from "./bindings.ts";
import type { CompilerBinding } from "./sandbox/compiler/program-reader.ts";
import { createSandboxHost } from "./sandbox/host.ts";

/**
 * The compiler: its own process under `npm start`, otherwise this Worker's own entrypoint. Not a service binding, which names a Worker: a
 * second deployment, under another name, would use the first one's compiler.
 */
export function compilerOf({ COMPILER }: SessionEnv): CompilerBinding & Pick<Fetcher, "fetch"> {
  return COMPILER ?? exports.Compiler;
}

/**
 * Loads the compiler, or, where its process runs only while it is needed, asks whether it could be started: nobody who wants to know
 * whether all is well needs it.
 * @throws when programs cannot be read
 */
export async function checkCompiler(env: SessionEnv): Promise<void> {
  if (env.SANDBOX_HOST !== undefined) {
    if (!(await createSandboxHost(env.SANDBOX_HOST).isWell("compiler"))) throw new Error("its process does not start");
    return;
  }
  const { ok, status } = await compilerOf(env).fetch("http://compiler/livez");
  if (!ok) throw new Error(`it answers ${status}`);
}
