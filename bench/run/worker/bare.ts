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

/** A bare `load()` of exactly the modules, flags and compatibility date with which our program would be loaded. */
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

/** The compiled program, captured by a sandbox that does not run it. */
async function programOf({ storage, servers }: BareParts, code: string): Promise<Program> {
  let captured: Program | undefined;
  const sandbox = {
    async run(program: Program) {
      captured = program;
      return { outcome: { kind: "returned" as const }, logs: [], logsDropped: 0 };
    },
  };
  await executeWith(sessionParts({ storage, servers, registered: 2 }, { sandbox }), code);
  if (captured === undefined) throw new Error("the program was not run");
  return captured;
}

/** The code that the sandbox would pass to the Loader. */
function workerCodeOf(program: Program): WorkerLoaderWorkerCode {
  const load = (code: WorkerLoaderWorkerCode) => {
    throw new CapturedCode(code);
  };
  const get = () => {
    throw new Error("a program's isolate is loaded without an id");
  };
  try {
    loadIsolate({ load, get }, program);
  } catch (thrown) {
    if (thrown instanceof CapturedCode) return thrown.code;
    throw thrown;
  }
  throw new Error("nothing was loaded");
}

/** Thrown instead of loading, because `load` would have to return a Worker. */
class CapturedCode extends Error {
  readonly code: WorkerLoaderWorkerCode;

  constructor(code: WorkerLoaderWorkerCode) {
    super("captured");
    this.code = code;
  }
}
