import { createHash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { Upstream } from "../../core/mcp/upstream.ts";
import { createOrchestrator, type Orchestrator } from "../../core/orchestrator.ts";
import { createTraffic, type Traffic } from "../../core/policy/traffic.ts";
import type { ProgramReader } from "../../core/program/reader.ts";
import type { Registry, ServerEntry } from "../../core/registry/registry.ts";
import type { OperatorBounds } from "../../core/run/operator-bounds.ts";
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
  traffic?: Traffic;
  problems?: Registry["problems"];
  bounds?: OperatorBounds;
}

/** A complete session on fakes, with a sandbox that executes programs unless another is given. */
export function startSession(parts: Parts): Session {
  const { upstream = new FakeUpstream(), store = memoryStore() } = parts;
  const clock = new ManualClock();
  const orchestrator = orchestratorOf({ ...parts, upstream, store, clock });
  return {
    ...{ orchestrator, upstream, clock, store },
    run: (input) => orchestrator.execute(input, { signal: new AbortController().signal, onProgress: () => {} }),
  };
}

/** What a session consists of. */
export function orchestratorOf(
  parts: Omit<Parts, "upstream"> & { upstream: Upstream; store: Store; clock: Clock },
): Orchestrator {
  const { servers, upstream, sandbox = nodeSandbox, reader = nodeReader, store, clock, problems = [], bounds = {} } = parts;
  let handles = 0;
  return createOrchestrator({
    registry: { servers, problems, warnings: [] },
    ...{ upstream, sandbox, reader, store, clock, bounds },
    traffic: parts.traffic ?? createTraffic({ clock }),
    failures: new Map(),
    asksForApproval: true,
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    random: () => 0.5,
    newHandle: () => `r_${++handles}`,
  });
}
