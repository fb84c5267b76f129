import { WorkerEntrypoint } from "cloudflare:workers";
import type { TextCaller } from "../../core/calls/tool-caller.ts";
import type { Program } from "../../core/program/program.ts";
import { keptHere } from "./isolate/kept-isolates.ts";
import type { IsolateOptions } from "./isolate/loader.ts";
import { runProgram } from "./isolate/run-program.ts";

/** What a session passes to the process of a program: the tool caller, and a callback for the program's arrival. */
export interface ProgramCaller extends TextCaller {
  arrived(): Promise<void>;
}

interface SandboxEnv {
  LOADER: WorkerLoader;
  ASSETS: Fetcher;
}

/** The sandbox in a process apart from the sessions, so that a program that blocks it or exhausts its memory cannot end them. */
export class Sandbox extends WorkerEntrypoint<SandboxEnv> {
  /** @returns the report of the isolate, not validated */
  async run(program: Program, caller: ProgramCaller, options: IsolateOptions): Promise<unknown> {
    // Awaited, because a program that blocks the process also blocks its messages.
    await caller.arrived();
    const running = runProgram({ loader: this.env.LOADER, isolates: keptHere, assets: this.env.ASSETS }, program, {
      caller,
      options,
    });
    try {
      return await running.report;
    } finally {
      running.dispose();
    }
  }

  /** Answers at once unless a program blocks this process, which is how a caller notices that. */
  ping(): void {}

  /** Readiness: answers when programs can run here. */
  override fetch(): Response {
    return new Response("ok\n");
  }
}
