import { createTraffic, type SessionTraffic } from "../../core/calls/quota.ts";
import { createOrchestrator, type Orchestrator } from "../../core/orchestrator.ts";
import type { ProgramReader } from "../../core/program/reader.ts";
import type { Registry, ServerEntry } from "../../core/registry/registry.ts";
import type { Sandbox } from "../../core/run/sandbox.ts";
import type { Store } from "../../core/store.ts";
import { FakeUpstream, ManualClock, memoryStore } from "./fakes.ts";
import { nodeSandbox } from "./node-sandbox.ts";
import { nodeReader } from "./program-reader.ts";

export interface Session {
  orchestrator: Orchestrator;
  upstream: FakeUpstream;
  clock: ManualClock;
  store: Store;
  /** Runs a program that nothing cancels. */
  run(input: object): ReturnType<Orchestrator["execute"]>;
}

interface Parts {
  servers: ServerEntry[];
  upstream?: FakeUpstream;
  sandbox?: Sandbox;
  reader?: ProgramReader;
  store?: Store;
  traffic?: SessionTraffic;
  problems?: Registry["problems"];
}

/** A complete session on fakes, with a sandbox that executes programs unless another is given. */
export function startSession(parts: Parts): Session {
  const {
    servers,
    upstream = new FakeUpstream(),
    sandbox = nodeSandbox,
    reader = nodeReader,
    store = memoryStore(),
    traffic = createTraffic(),
    problems = [],
  } = parts;
  const clock = new ManualClock();
  let handles = 0;
  const orchestrator = createOrchestrator({
    registry: { servers, problems, warnings: [] },
    upstream,
    sandbox,
    reader,
    store,
    traffic,
    failures: new Map(),
    clock,
    random: () => 0.5,
    newHandle: () => `r_${++handles}`,
  });
  return {
    orchestrator,
    upstream,
    clock,
    store,
    run: (input) => orchestrator.execute(input, { signal: new AbortController().signal, onProgress: () => {} }),
  };
}
