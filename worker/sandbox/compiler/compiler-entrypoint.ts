import { WorkerEntrypoint } from "cloudflare:workers";
import type { ReadRequest } from "../../../core/program/reader.ts";
import { outcomeOfFailure } from "../isolate/isolate-failure.ts";
import { abandonCompiler, type CompilerEnv, loadCompiler } from "./compiler.ts";
import type { Exceeded } from "./exceeded.ts";

/**
 * The compiler as a Worker entrypoint. Under `npm start` it has its own process, so that a program that takes too long to read can
 * be stopped, and one that blocks the sandbox does not delay the reading of the next one.
 */
export class Compiler extends WorkerEntrypoint<CompilerEnv> {
  /** Loads the compiler, if it is not loaded yet. */
  async ready(): Promise<void> {
    await loadCompiler(this.env).ready();
  }

  /** @returns what core/program/reader.ts calls a reading, or `Exceeded`; not validated */
  async read(request: ReadRequest): Promise<unknown> {
    try {
      return await loadCompiler(this.env).read(request);
    } catch (error) {
      abandonCompiler();
      const exceeded = exceededBy(error);
      if (exceeded !== undefined) return exceeded;
      throw error;
    }
  }

  /** Readiness: answers when programs can be read, so that the first one need not wait for the compiler. */
  override async fetch(): Promise<Response> {
    await this.ready();
    return new Response("ok\n");
  }
}

function exceededBy(error: unknown): Exceeded | undefined {
  switch (outcomeOfFailure(error).kind) {
    case "cpu_exceeded":
      return { kind: "exceeded", limit: "cpu" };
    case "memory_exceeded":
      return { kind: "exceeded", limit: "memory" };
    default:
      return undefined;
  }
}
