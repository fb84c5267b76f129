import { createTraffic } from "../../../core/calls/quota.ts";
import { createCatalog } from "../../../core/catalog/catalog.ts";
import { createObservations } from "../../../core/catalog/observations.ts";
import type { Clock } from "../../../core/clock.ts";
import { ExecuteInput } from "../../../core/discovery/tool-definitions.ts";
import { createTypeCheck, type TypeCheck } from "../../../core/program/type-check.ts";
import type { TypeChecker } from "../../../core/program/type-checker.ts";
import { type ExecuteParts, execute } from "../../../core/run/execute.ts";
import type { Sandbox } from "../../../core/run/sandbox.ts";
import type { SessionEnv } from "../../../worker/bindings.ts";
import { createTypeChecker } from "../../../worker/sandbox/compiler/type-checker.ts";
import { processHere } from "../../../worker/sandbox/processes.ts";
import { createSandbox } from "../../../worker/sandbox/sandbox.ts";
import { createSqliteStore } from "../../../worker/storage/sqlite.ts";
import type { Runner } from "./runner.ts";
import { registryOf, type Servers } from "./servers.ts";

interface OursParts {
  loader: WorkerLoader;
  compiler: SessionEnv["COMPILER"];
  storage: DurableObjectStorage;
  servers: Servers;
  /** The number of servers in the session's registry. */
  registered: number;
  isChecked: boolean;
}

/** A session of the orchestrator, composed as in worker/compose.ts, but with the bench's servers and with time measurement. */
export function createOurs(parts: OursParts): Runner {
  const typeChecker = watched(createTypeChecker({ binding: parts.compiler, host: undefined }));
  const check = timed(parts.isChecked ? createTypeCheck(typeChecker) : unchecked);
  const sandbox = createSandbox(new Map([["here", processHere(parts.loader)]]), { session: "bench" });
  const session = sessionParts(parts, { sandbox, typeCheck: check });
  return {
    async prepare({ code }) {
      return async () => {
        await executeWith(session, code);
        typeChecker.throwIfBroken();
        return parts.isChecked ? { typeCheckMs: check.lastMs() } : {};
      };
    },
  };
}

const unchecked: TypeCheck = { check: async () => {} };

/** Runs a program in the session's sandbox, real or fake. */
export async function executeWith(session: ExecuteParts, code: string): Promise<void> {
  const outcome = await execute(session, ExecuteInput.parse({ code, maxRuntimeMs: 60_000 }), {
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
}

export function sessionParts(
  { storage, servers, registered }: Pick<OursParts, "storage" | "servers" | "registered">,
  { sandbox, typeCheck = unchecked }: { sandbox: Sandbox; typeCheck?: TypeCheck },
): ExecuteParts {
  const upstream = servers.asUpstream();
  const store = createSqliteStore(storage);
  return {
    servers: registryOf(registered),
    catalog: createCatalog({ upstream, store, clock: systemClock, failures: new Map() }),
    upstream,
    sandbox,
    typeCheck,
    store,
    observations: createObservations(store),
    clock: systemClock,
    traffic: createTraffic(),
    newHandle: () => crypto.randomUUID(),
    help: async () => undefined,
    random: Math.random,
    // None of the programs uses syntax that only the TypeScript compiler can transform.
    lower: () => Promise.reject(new Error("no program here needs lowering")),
  };
}

/** Measures the type-check of a run, with generated declarations and digest included. */
function timed(inner: TypeCheck): TypeCheck & { lastMs: () => number } {
  let ms = 0;
  return {
    async check(...args) {
      const startedAt = performance.now();
      await inner.check(...args);
      ms = performance.now() - startedAt;
    },
    lastMs: () => ms,
  };
}

/** The orchestrator runs programs unchecked when its compiler fails; the bench must fail instead. */
function watched(inner: TypeChecker): TypeChecker & { throwIfBroken: () => void } {
  const failures: unknown[] = [];
  return {
    ...inner,
    async check(input) {
      try {
        return await inner.check(input);
      } catch (error) {
        failures.push(error);
        throw error;
      }
    },
    throwIfBroken() {
      if (failures.length > 0) throw failures[0];
    },
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  },
};
