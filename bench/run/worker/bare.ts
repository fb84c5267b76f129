import { RpcTarget } from "cloudflare:workers";
import type { Program } from "../../../core/program/program.ts";
import { loadIsolate } from "../../../worker/sandbox/isolate/loader.ts";
import type { Plan } from "../job.ts";
import isolateSource from "./isolate.js";
import { executeWith, sessionParts } from "./ours.ts";
import type { Runner } from "./runner.ts";
import type { Servers } from "./servers.ts";

interface BareParts {
  loader: WorkerLoader;
  storage: DurableObjectStorage;
  servers: Servers;
}

/** A bare `load()` of the very modules, flags and date with which our program would be loaded. */
export function createBare(parts: BareParts): Runner {
  return {
    async prepare({ code, plan }) {
      const ours = workerCodeOf(await programOf(parts, code));
      const modules = Object.keys(ours.modules);
      const worker: WorkerLoaderWorkerCode = {
        ...ours,
        mainModule: "isolate.js",
        modules: { ...ours.modules, "isolate.js": { js: isolateSource } },
      };
      return async () => {
        const entrypoint = parts.loader.load(worker).getEntrypoint() as Fetcher<BareEntrypoint>;
        const made = await entrypoint.run(new Target(parts.servers), { modules, plan });
        if (made !== plan.calls) throw new Error(`${made} calls instead of ${plan.calls}`);
        return {};
      };
    },
  };
}

interface BareEntrypoint extends Rpc.WorkerEntrypointBranded {
  run(target: Target, input: { modules: string[]; plan: Plan }): Promise<number>;
}

class Target extends RpcTarget {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    super();
    this.#servers = servers;
  }

  call(tool: string, _args: object) {
    return this.#servers.call(tool);
  }
}

/** What core makes of a program's text, kept instead of run. */
async function programOf({ storage, servers }: BareParts, code: string): Promise<Program> {
  let kept: Program | undefined;
  const sandbox = {
    async run(program: Program) {
      kept = program;
      return { outcome: { kind: "returned" as const }, logs: [], logsDropped: 0 };
    },
  };
  await executeWith(sessionParts({ storage, servers, registered: 2 }, { sandbox }), code);
  if (kept === undefined) throw new Error("the program was not run");
  return kept;
}

/** What the sandbox would hand to the Loader. */
function workerCodeOf(program: Program): WorkerLoaderWorkerCode {
  const load = (code: WorkerLoaderWorkerCode) => {
    throw new Kept(code);
  };
  const get = () => {
    throw new Error("a program's isolate is loaded without an id");
  };
  try {
    loadIsolate({ load, get }, program);
  } catch (kept) {
    if (kept instanceof Kept) return kept.code;
    throw kept;
  }
  throw new Error("nothing was loaded");
}

/** Thrown instead of loading, since there is nothing to return. */
class Kept extends Error {
  readonly code: WorkerLoaderWorkerCode;

  constructor(code: WorkerLoaderWorkerCode) {
    super("kept");
    this.code = code;
  }
}
