import { WorkerEntrypoint } from "cloudflare:workers";
import type { Program } from "../../core/program/program.ts";
import { keptHere } from "./isolate/kept-isolates.ts";
import type { IsolateOptions } from "./isolate/loader.ts";
import { runProgram } from "./isolate/run-program.ts";

/** What a session passes to the process of a program. */
export interface ProgramLink {
  /** A CallerTarget, for the isolate. */
  caller: Rpc.Stubable;
  /**
   * To be called when the program is in the process.
   * @throws Error when nobody waits for the program any more: it must not start
   */
  arrived: () => Promise<void>;
}

interface SandboxEnv {
  LOADER: WorkerLoader;
  ASSETS: Fetcher;
}

/** The sandbox in a process apart from the sessions, so that a program that blocks it or exhausts its memory cannot end them. */
export class Sandbox extends WorkerEntrypoint<SandboxEnv> {
  /** @returns the report of the isolate, not validated */
  async run(program: Program, { caller, arrived }: ProgramLink, options: IsolateOptions): Promise<unknown> {
    // Awaited, because a program that blocks the process also blocks its messages.
    await arrived();
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
