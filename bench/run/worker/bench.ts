import { DurableObject } from "cloudflare:workers";
import type { SessionEnv } from "../../../worker/bindings.ts";
import type { Contender, Job, RunNotes } from "../job.ts";
import { createAudited } from "./audited.ts";
import { createBare } from "./bare.ts";
import { createCodemode, createDurableCodemode } from "./codemode.ts";
import { createOurs } from "./ours.ts";
import type { Runner } from "./runner.ts";
import { Servers } from "./servers.ts";

export interface BenchEnv {
  COMPILER: NonNullable<SessionEnv["COMPILER"]>;
  BENCH: DurableObjectNamespace<Bench>;
  LOADER: WorkerLoader;
}

/** The Durable Object in which a contender runs, as a session does. Each contender has its own, all in one process. */
export class Bench extends DurableObject<BenchEnv> {
  readonly #servers = new Servers();
  readonly #runners = new Map<Contender, Runner>();

  #prepared: (() => Promise<RunNotes>) | undefined;

  async prepare(job: Job): Promise<void> {
    this.#prepared = await this.#runnerOf(job.contender).prepare(job);
  }

  async run(): Promise<RunNotes> {
    if (this.#prepared === undefined) throw new Error("no run was prepared");
    return this.#prepared();
  }

  hasWaiting(runs: number): Promise<void> {
    return this.#servers.hasWaiting(runs);
  }

  release(): void {
    this.#servers.release();
  }

  #runnerOf(contender: Contender): Runner {
    const known = this.#runners.get(contender);
    if (known) return known;
    const runner = this.#create(contender);
    this.#runners.set(contender, runner);
    return runner;
  }

  #create(contender: Contender): Runner {
    const { ctx } = this;
    const servers = this.#servers;
    const { LOADER: loader, COMPILER: compiler } = this.env;
    const ours = { loader, compiler, storage: ctx.storage, servers, registered: 2, isChecked: false };
    switch (contender) {
      case "nothing":
        return { prepare: async () => async () => ({}) };
      case "bare":
        return createBare({ loader, storage: ctx.storage, servers });
      case "codemode":
        return createCodemode({ loader, servers });
      case "durable":
        return createDurableCodemode({ loader, servers, ctx });
      case "unchecked":
        return createOurs(ours);
      case "ours":
        return createOurs({ ...ours, isChecked: true });
      case "audited":
        return createOurs({ ...ours, isChecked: true, around: createAudited(ctx) });
      case "off":
        return createOurs({ ...ours, isChecked: true, asksForApproval: false });
      case "ruled":
        return createOurs({ ...ours, isChecked: true, tools: { ask: ["create_*"] } });
      case "standing":
        return createOurs({ ...ours, isChecked: true, tools: { ask: ["*"], principals: { owner: { alwaysAllow: ["get_*"] } } } });
      case "exempt":
        return createOurs({ ...ours, isChecked: true, tools: { ask: ["*"], principals: { owner: { alwaysAllow: ["*"] } } } });
      case "unchecked1000":
        return createOurs({ ...ours, registered: 1_000 });
    }
  }
}
