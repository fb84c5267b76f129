import type { Program } from "../../core/program/program.ts";
import type { ProgramLink, Sandbox } from "./entrypoint.ts";
import type { SandboxHost } from "./host.ts";
import { keptHere } from "./isolate/kept-isolates.ts";
import type { IsolateOptions } from "./isolate/loader.ts";
import { type Running, runProgram } from "./isolate/run-program.ts";

/** A process that can run programs. */
export interface Process {
  /** Resolves when it runs, which it may do only when it is needed. Rejects when it does not within `withinMs`. */
  ready(withinMs: number): Promise<void>;
  start(program: Program, link: ProgramLink, options: IsolateOptions): Running;
  /** Set for a process apart from this Worker, which can freeze without it. */
  watch?: Watch;
}

export interface Watch {
  /** Resolves if the process answers. */
  ping(): Promise<unknown> & Partial<Disposable>;
  /** Replaces the process. */
  host: SandboxHost;
}

/** A separate process, under `npm start`. */
export function processApart(name: string, { binding, host }: { binding: Service<typeof Sandbox>; host: SandboxHost }): Process {
  return {
    ready: (withinMs) => host.ensure(name, withinMs),
    start(program, link, options) {
      const report: Promise<unknown> & Partial<Disposable> = binding.run(program, link, options);
      return { report, dispose: () => report[Symbol.dispose]?.() };
    },
    watch: { ping: () => binding.ping(), host },
  };
}

/** This Worker's own process: on Cloudflare, which limits each isolate, and under plain `wrangler dev`, which does not. */
export function processHere(loader: WorkerLoader, assets: Fetcher | undefined): Process {
  return {
    ready: () => Promise.resolve(),
    start: (program, { caller }, options) => runProgram({ loader, isolates: keptHere, assets }, program, { caller, options }),
  };
}
