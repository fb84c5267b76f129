import { limits } from "../../../core/limits.ts";
import type { SandboxHost } from "../host.ts";
import type { CompilerProcess } from "./program-reader.ts";

/** The compiler's process under `npm start`. */
export function compilerProcess(host: SandboxHost): CompilerProcess {
  return {
    ensure: () => host.ensure("compiler", limits.compilerStartMs),
    replace: (frozenSince) => host.replace("compiler", frozenSince),
    computedSince: (since) => host.computedSince("compiler", since),
    endingOf: (since) => host.endingOf("compiler", since),
  };
}
