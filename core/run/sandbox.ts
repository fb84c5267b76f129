import { z } from "zod";
import type { ToolCaller } from "../calls/tool-caller.ts";
import { LogLine } from "../log-line.ts";
import type { Program } from "../program/program.ts";

/** What the isolate reports. Untrusted: user code shares the isolate with whatever wrote this. */
export const SandboxReport = z.object({
  outcome: z.discriminatedUnion("kind", [
    /** JSON text of the result; absent when the program returned undefined. */
    z.object({ kind: z.literal("returned"), resultJson: z.string().optional() }),
    z.object({
      kind: z.literal("threw"),
      code: z.string(),
      message: z.string(),
      stack: z.string(),
      server: z.string().optional(),
      tool: z.string().optional(),
      suggestions: z.array(z.string()).optional(),
    }),
    z.object({ kind: z.literal("timed_out") }),
    /** The result has more characters of JSON, or more levels, than may leave. */
    z.object({ kind: z.literal("too_large") }),
    z.object({ kind: z.literal("too_deep"), path: z.string() }),
    /** Stopped for computing longer than it may. */
    z.object({ kind: z.literal("cpu_exceeded"), stack: z.string() }),
    /** Ended by the platform for using more memory than it may. */
    z.object({ kind: z.literal("memory_exceeded") }),
    /** A module of the program did not compile or link: the runtime's own words. */
    z.object({ kind: z.literal("not_loaded"), message: z.string() }),
  ]),
  /** What was printed and is not known to have arrived; `logsFrom` is the number of the first line. */
  logs: z.array(LogLine),
  logsFrom: z.number().int().min(0).optional(),
  /** All lines of the run that were not kept. */
  logsDropped: z.number().int().min(0),
});

export type SandboxReport = z.infer<typeof SandboxReport>;

export interface SandboxOptions {
  argsJson: string;
  timeoutMs: number;
  logLinesMax: number;
  signal: AbortSignal;
  /** The program starts now, and its time with it. */
  onStart: () => void;
  /** Its process was lost, perhaps for what another program in it did: its time stands still until it starts again. */
  onLost: () => void;
  /** When its time is up, in milliseconds since the epoch. It may stand still meanwhile, and is later then. */
  deadline: () => number;
  /** Whether the program has done anything that outlives it. One that has is not started again. */
  hasActed: () => boolean;
}

/**
 * Where a program runs: no network, no environment, nothing but `caller`. Resolves with what the isolate reports
 * and rejects only when the sandbox itself is broken (`internal`) or was killed over a bound (`cpu_limit`, `memory_limit`).
 */
export interface Sandbox {
  run(program: Program, caller: ToolCaller, options: SandboxOptions): Promise<SandboxReport>;
}
