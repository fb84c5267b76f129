import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import type { SandboxOptions, ToolCaller } from "../../core/ports.ts";
import type { Program } from "../../core/program.ts";
import type { TypeCheckInput } from "../../core/typecheck.ts";
import { checkTypes } from "./compiler/compiler.ts";
import { isolateInput, loadIsolate } from "./loader.ts";

const emptyProgram: TypeCheckInput = { sources: {}, links: {}, declarations: {}, globals: "" };

interface SandboxEnv {
  LOADER: WorkerLoader;
  /** The compiler's bundle. */
  ASSETS: Fetcher;
}

/**
 * The sandbox as its own Worker entrypoint. In production a service binding points back at this Worker; under `npm start`
 * it is a second process, so that a program that spins or eats memory cannot take the sessions with it.
 */
export class Sandbox extends WorkerEntrypoint<SandboxEnv> {
  /** @returns what the isolate reports, unchecked */
  async run(program: Program, caller: ToolCaller, options: Omit<SandboxOptions, "signal">): Promise<unknown> {
    const isolate = loadIsolate(this.env.LOADER, program);
    try {
      return await isolate.run(new Relay(caller), isolateInput(program, options));
    } catch (error) {
      return {
        outcome: { kind: "not_loaded", message: error instanceof Error ? error.message : String(error) },
        logs: [],
        logsDropped: 0,
      };
    }
  }

  /** @returns what would fail in the program, unchecked */
  check(input: TypeCheckInput): Promise<unknown> {
    return checkTypes(this.env, input);
  }

  /** Answers once programs can be checked and run here. It loads the compiler, so that the first program need not wait. */
  override async fetch(): Promise<Response> {
    await this.check(emptyProgram);
    return new Response("ok\n");
  }
}

/** Narrows what the isolate holds to the one method, whatever else the session's target may have. */
class Relay extends RpcTarget implements ToolCaller {
  readonly #caller: ToolCaller;

  constructor(caller: ToolCaller) {
    super();
    this.#caller = caller;
  }

  callMcpTool(id: string, tool: string, argsJson: string, form: "value" | "raw") {
    return this.#caller.callMcpTool(id, tool, argsJson, form);
  }
}
