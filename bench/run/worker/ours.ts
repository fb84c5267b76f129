import { createHash } from "node:crypto";
import { createCatalog } from "../../../core/catalog/catalog.ts";
import { createObservations } from "../../../core/catalog/observations.ts";
import type { Clock } from "../../../core/clock.ts";
import { ExecuteInput } from "../../../core/discovery/tool-definitions.ts";
import type { Journal } from "../../../core/journal/journal.ts";
import { createTraffic } from "../../../core/policy/traffic.ts";
import { createKeptReadings } from "../../../core/program/kept-readings.ts";
import { readProgram } from "../../../core/program/read-program.ts";
import type { ProgramReader } from "../../../core/program/reader.ts";
import type { ToolRules } from "../../../core/registry/tool-rules.ts";
import { type ExecuteParts, execute } from "../../../core/run/execute.ts";
import { PausedRuns } from "../../../core/run/paused-runs.ts";
import type { RunOptions } from "../../../core/run/run-options.ts";
import type { Sandbox } from "../../../core/run/sandbox.ts";
import type { SessionEnv } from "../../../worker/bindings.ts";
import { createProgramReader } from "../../../worker/sandbox/compiler/program-reader.ts";
import { processHere } from "../../../worker/sandbox/processes.ts";
import { createSandbox } from "../../../worker/sandbox/sandbox.ts";
import { createSqliteStore } from "../../../worker/storage/sqlite.ts";
import type { createAudited } from "./audited.ts";
import type { Runner } from "./runner.ts";
import { registryOf, type Servers } from "./servers.ts";

interface OursParts {
  loader: WorkerLoader;
  compiler: NonNullable<SessionEnv["COMPILER"]>;
  storage: DurableObjectStorage;
  servers: Servers;
  /** The number of servers in the session's registry. */
  registered: number;
  isChecked: boolean;
  /** Whether rules about approvals are looked at, and those of each server. */
  asksForApproval?: boolean;
  tools?: ToolRules;
  /** What is done around a run, if anything. */
  around?: ReturnType<typeof createAudited>;
}

/** A session of the orchestrator, composed as in worker/compose.ts, but with the bench's servers and with time measurement. */
export function createOurs(parts: OursParts): Runner {
  const compiler = createProgramReader({ binding: parts.compiler, process: undefined, clock: systemClock });
  const reader = timed(parts.isChecked ? createKeptReadings(failing(compiler)) : unchecked);
  const sandbox = createSandbox(new Map([["here", processHere(parts.loader, undefined)]]), { session: "bench" });
  const session = sessionParts(parts, { sandbox, reader });
  return {
    async prepare({ code }) {
      return async () => {
        await executeWith(session, code, parts.around);
        return parts.isChecked ? { readMs: reader.lastMs() } : {};
      };
    },
  };
}

/** Reads programs here, without the type checker. */
const unchecked: ProgramReader = {
  read: async (request) =>
    readProgram(request, {
      check: () => [],
      lower() {
        throw new Error("no program here needs the TypeScript compiler");
      },
      signature() {
        throw new Error("no program here is saved");
      },
    }),
};

/** Runs a program in the session's sandbox, real or fake. */
export async function executeWith(
  session: ExecuteParts,
  code: string,
  around: NonNullable<OursParts["around"]> = (_code, run) => run({}),
): Promise<void> {
  const outcome = await around(code, (options) =>
    execute(session, ExecuteInput.parse({ code, maxRuntimeMs: 60_000 }), {
      signal: new AbortController().signal,
      onProgress: () => {},
      journal: journalOf(session),
      ...options,
    }),
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
}

/** As a session has one for each run: it is made when the run's servers may ask. */
function journalOf({ clock, store }: ExecuteParts): NonNullable<RunOptions["journal"]> {
  let journal: Journal | undefined;
  return () => {
    journal ??= new PausedRuns({ store, clock, sha256 }).newJournal(crypto.randomUUID());
    return journal;
  };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

export function sessionParts(
  {
    storage,
    servers,
    registered,
    asksForApproval = true,
    tools = {},
  }: Pick<OursParts, "storage" | "servers" | "registered" | "asksForApproval" | "tools">,
  { sandbox, reader = unchecked }: { sandbox: Sandbox; reader?: ProgramReader },
): ExecuteParts {
  const upstream = servers.asUpstream();
  const store = createSqliteStore(storage);
  return {
    servers: registryOf(registered).map((server) => ({ ...server, tools })),
    catalog: createCatalog({ upstream, store, clock: systemClock, failures: new Map() }),
    upstream,
    sandbox,
    reader,
    store,
    observations: createObservations(store),
    clock: systemClock,
    traffic: createTraffic({ clock: systemClock }),
    newHandle: () => crypto.randomUUID(),
    help: async () => undefined,
    asksForApproval,
    random: Math.random,
  };
}

/** Measures the last reading of a run. */
function timed(inner: ProgramReader): ProgramReader & { lastMs: () => number } {
  let ms = 0;
  return {
    async read(...args) {
      const startedAt = performance.now();
      const reading = await inner.read(...args);
      ms = performance.now() - startedAt;
      return reading;
    },
    lastMs: () => ms,
  };
}

/** The orchestrator runs programs unchecked when its type checker fails; the bench must fail instead. */
function failing(inner: ProgramReader): ProgramReader {
  return {
    async read(...args) {
      const reading = await inner.read(...args);
      if (reading.kind === "ready" && !reading.isChecked) throw new Error("the type checker failed");
      return reading;
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
