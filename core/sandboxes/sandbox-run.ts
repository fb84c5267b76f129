import type { Clock } from "../clock.ts";
import { UpstreamError } from "../errors.ts";
import type { RunFiles } from "../files/file-calls.ts";
import type { Upstream } from "../mcp/upstream.ts";
import { createOrchestrator } from "../orchestrator.ts";
import { createTraffic } from "../policy/traffic.ts";
import type { ProgramReader } from "../program/reader.ts";
import { readResult } from "../run/kept-results.ts";
import type { OperatorBounds } from "../run/operator-bounds.ts";
import type { Outcome } from "../run/outcome.ts";
import type { Sandbox } from "../run/sandbox.ts";
import type { Store } from "../store.ts";
import { sandboxLimits } from "./sandbox-limits.ts";

export interface SandboxRunParts {
  sandbox: Sandbox;
  reader: ProgramReader;
  bounds: OperatorBounds;
  clock: Clock;
  random: () => number;
  newHandle: () => string;
}

interface SandboxRun {
  store: Store;
  files: RunFiles;
  /** As execute_mcp_code takes it. */
  input: { maxRuntimeMs: number; [field: string]: unknown };
  signal: AbortSignal;
}

/** What a run returned and printed. */
export type SandboxOutcome = Pick<Outcome, "result" | "logs" | "logsDropped" | "durationMs">;

/**
 * One run of a sandbox session: a program like any other, for which there are no servers.
 * @throws UpstreamError with the code of the run's error
 */
export async function runInSandbox(
  { sandbox, reader, bounds, clock, random, newHandle }: SandboxRunParts,
  { store, files, input, signal }: SandboxRun,
): Promise<SandboxOutcome> {
  const orchestrator = createOrchestrator({
    registry: { servers: [], problems: [], warnings: [] },
    upstream: noServers,
    failures: new Map(),
    traffic: createTraffic({ clock }),
    // There is nothing to ask about, and nothing to pin.
    asksForApproval: false,
    sha256: (text) => text,
    ...{ sandbox, reader, bounds, store, files, clock, random, newHandle },
  });
  const { ok, errors, result, handle, ...outcome } = await orchestrator.execute(input, { signal, onProgress: () => {} });
  if (!ok) throw failure(errors?.[0], input);
  // The caller is a program and not a model, so it gets all of a result that would be shown in part.
  return { ...outcome, result: handle === undefined ? result : JSON.parse(readResult({ store, clock }, handle)) };
}

function failure(
  error: NonNullable<Outcome["errors"]>[number] | undefined,
  { maxRuntimeMs }: SandboxRun["input"],
): UpstreamError {
  if (error === undefined) return new UpstreamError("internal", "The run failed without an error.", { delivery: "answered" });
  const { code, file, line, column, frame } = error;
  // The maxRuntimeMs of the run that makes this call does not help.
  const late = `Not finished within ${maxRuntimeMs} ms. Do less in one call, or give this call a longer maxRuntimeMs (at most ${sandboxLimits.runMsMax}).`;
  const message = code === "run_timeout" ? late : error.message;
  const place = line === undefined ? "" : ` (${file}:${line}:${column})`;
  return new UpstreamError(code, `${message}${place}${frame === undefined ? "" : `\n${frame}`}`, { delivery: "answered" });
}

const noServers: Upstream = {
  reachability: () => ({ status: "not_connected" }),
  listTools: () => Promise.reject(noServer()),
  callTool: () => Promise.reject(noServer()),
  ask: () => Promise.reject(noServer()),
};

function noServer(): UpstreamError {
  return new UpstreamError("server_unknown", "A sandbox session reaches no servers.", { delivery: "not_sent" });
}
