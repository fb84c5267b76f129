import { z } from "zod";
import type { ToolCaller } from "../calls/tool-caller.ts";
import type { Determinism } from "../journal/determinism.ts";
import { limits } from "../limits.ts";
import { LogLine } from "../log-line.ts";
import type { Program } from "../program/program.ts";
import { ShownResult } from "./preview.ts";

/** What the isolate reports. Untrusted: user code runs in the isolate that wrote it. */
export const SandboxReport = z.object({
  outcome: z.discriminatedUnion("kind", [
    /** JSON text of the result, absent when the program returned undefined; and what is shown in its place, if it is not shown itself. */
    z.object({
      kind: z.literal("returned"),
      resultJson: z.string().optional(),
      shown: ShownResult.optional(),
      /** In place of a result: it is a function. */
      isCode: z.literal(true).optional(),
    }),
    z.object({
      kind: z.literal("threw"),
      code: z.string(),
      message: z.string(),
      stack: z.string(),
      server: z.string().optional(),
      tool: z.string().optional(),
      suggestions: z.array(z.string()).optional(),
      rule: z.string().optional(),
      limit: z.union([z.number(), z.string()]).optional(),
      retryAfterMs: z.number().optional(),
    }),
    z.object({ kind: z.literal("timed_out") }),
    /** The JSON of the result has more characters, or more levels, than a result may have. */
    z.object({ kind: z.literal("too_large") }),
    z.object({ kind: z.literal("too_deep"), path: z.string() }),
    /** Stopped for exceeding its computing time. */
    z.object({ kind: z.literal("cpu_exceeded"), stack: z.string() }),
    /** Ended by the platform for exceeding its memory. */
    z.object({ kind: z.literal("memory_exceeded") }),
    /** A module of the program did not compile or link. The message is the runtime's. */
    z.object({ kind: z.literal("not_loaded"), message: z.string() }),
  ]),
  /** Lines that are not known to have arrived; `logsFrom` is the number of the first. */
  logs: z.array(LogLine).max(limits.logLinesMax),
  logsFrom: z.number().int().min(0).optional(),
  /** The number of lines that were not kept, over the whole run. */
  logsDropped: z.number().int().min(0),
  /** Calls of tools that had no answer yet when the program returned. */
  unawaited: z.number().int().min(0).optional(),
});

export type SandboxReport = z.infer<typeof SandboxReport>;

export interface SandboxOptions {
  argsJson: string;
  timeoutMs: number;
  logLinesMax: number;
  signal: AbortSignal;
  /** The program starts now, and with it its time. */
  onStart: () => void;
  /** The process was lost, perhaps because of another program in it. The time stands still until the program starts again. */
  onLost: () => void;
  /** When the program's time is up, in milliseconds since the epoch. Moves back while the time stands still. */
  deadline: () => number;
  /** For a program that may be run again: what it sees as time and as random. */
  determinism?: Determinism | undefined;
  /** Whether the program has done anything that outlives it; if so, it is not started again. */
  hasActed: () => boolean;
}

/**
 * Where a program runs: no network, no environment, nothing but `caller`. Resolves with what the isolate reports and rejects only
 * when the sandbox itself is broken (`internal`), was killed over a bound (`cpu_limit`, `memory_limit`), or was lost because of
 * another program (`program_lost`).
 */
export interface Sandbox {
  run(program: Program, caller: ToolCaller, options: SandboxOptions): Promise<SandboxReport>;
}
