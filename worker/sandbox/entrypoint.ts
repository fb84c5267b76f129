import { WorkerEntrypoint } from "cloudflare:workers";
import type { ToolCaller } from "../../core/calls/tool-caller.ts";
import type { Program } from "../../core/program/program.ts";
import type { IsolateOptions } from "./isolate/loader.ts";
import { runProgram } from "./isolate/run-program.ts";

/** What a session gives a program's process: the calls of the program, and where the process says that it has got it. */
export interface ProgramCaller extends ToolCaller {
  arrived(): Promise<void>;
}

interface SandboxEnv {
  LOADER: WorkerLoader;
}

/** The sandbox as a process apart from the sessions, so that a program that spins or eats memory cannot take them with it. */
export class Sandbox extends WorkerEntrypoint<SandboxEnv> {
  /** @returns what the isolate reports, unchecked */
  async run(program: Program, caller: ProgramCaller, options: IsolateOptions): Promise<unknown> {
    // Waited for: once the program runs, nothing may leave this process any more.
    await caller.arrived();
    const running = runProgram(this.env.LOADER, program, { caller, options });
    try {
      return await running.report;
    } finally {
      running.letGo();
    }
  }

  /** Answers at once while nothing spins in this process: how a caller sees that it is frozen. */
  ping(): void {}

  /** Answers once programs can be run here. */
  override fetch(): Response {
    return new Response("ok\n");
  }
}
