import type { Program } from "../../core/program/program.ts";
import type { Sandbox } from "./entrypoint.ts";
import type { SandboxHost } from "./host.ts";
import type { CallerTarget } from "./isolate/caller-target.ts";
import type { IsolateOptions } from "./isolate/loader.ts";
import { type Running, runProgram } from "./isolate/run-program.ts";

/** Where programs can run. */
export interface Process {
  start(program: Program, target: CallerTarget, options: IsolateOptions): Running;
  /** Set where it can freeze without taking this Worker with it. */
  watch?: Watch;
}

export interface Watch {
  /** Resolves while it answers. */
  ping(): Promise<unknown> & Partial<Disposable>;
  /** Who replaces it. */
  host: SandboxHost;
}

/** A process apart, under `npm start`. */
export function processApart(binding: Service<typeof Sandbox>, host: SandboxHost): Process {
  return {
    start(program, target, options) {
      const report: Promise<unknown> & Partial<Disposable> = binding.run(program, target, options);
      return { report, letGo: () => report[Symbol.dispose]?.() };
    },
    watch: { ping: () => binding.ping(), host },
  };
}

/** The process of the session itself: on Cloudflare, which bounds each isolate, and under plain `wrangler dev`, which does not. */
export function processHere(loader: WorkerLoader): Process {
  return { start: (program, target, options) => runProgram(loader, program, { caller: target, options }) };
}
