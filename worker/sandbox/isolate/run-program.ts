import { z } from "zod";
import type { Program } from "../../../core/program/program.ts";
import { shownResultOf } from "../../../core/run/preview.ts";
import { outcomeOfFailure } from "./isolate-failure.ts";
import type { KeptIsolates } from "./kept-isolates.ts";
import { type IsolateOptions, isolateInput, loadIsolate } from "./loader.ts";
import { shellText } from "./shell-asset.ts";

/** A running program. */
export interface Running {
  /** The report of the isolate, not validated. */
  report: Promise<unknown>;
  /** Cancels the program if it still runs, and frees its RPC result. Must be called once in any case. */
  dispose(): void;
}

/**
 * Starts a program in an isolate of its own, in this process.
 * @param caller a CallerTarget, or the stub of one: the isolate calls it without a stop here
 */
export function runProgram(
  { loader, isolates, assets }: { loader: WorkerLoader; isolates: KeptIsolates; assets: Fetcher | undefined },
  program: Program,
  { caller, options }: { caller: Rpc.Stubable; options: IsolateOptions },
): Running {
  let running: (Promise<unknown> & Partial<Disposable>) | undefined;
  let isDisposed = false;

  /** @param name of an isolate that is kept */
  async function runIn(name: string | undefined): Promise<string> {
    const shell = program.hasShell ? await shellText(assets) : undefined;
    if (isDisposed) throw new Error("The run has ended.");
    running = loadIsolate(loader, program, { name, shell, isReplayable: options.determinism !== undefined }).run(
      caller,
      isolateInput(program, options, name !== undefined),
    );
    return String(await running);
  }

  async function run(): Promise<unknown> {
    // What it changes so that a program sees its first time again would spoil it for others.
    const kept = options.determinism ? undefined : await isolates.take(program, options.session);
    try {
      if (kept === undefined) return withShown(JSON.parse(await runIn(undefined)));
      const text = await runIn(kept.name);
      // It does not run the program again, and has not begun to.
      if (text === "") {
        running?.[Symbol.dispose]?.();
        kept.drop();
        return withShown(JSON.parse(await runIn(undefined)));
      }
      const report = withShown(JSON.parse(text));
      if (Returned.safeParse(report).success) kept.keep();
      else kept.drop();
      return report;
    } catch (error) {
      kept?.drop();
      return { outcome: outcomeOfFailure(error), logs: [], logsDropped: 0 };
    }
  }

  return {
    report: run(),
    dispose() {
      isDisposed = true;
      running?.[Symbol.dispose]?.();
    },
  };
}

/** Adds what is shown of a result that is not shown itself. The report is not validated yet. */
function withShown(report: unknown): unknown {
  const returned = Returned.safeParse(report);
  if (!returned.success) return report;
  const { outcome } = returned.data;
  return { ...returned.data, outcome: { ...outcome, shown: shownResultOf(outcome.resultJson) } };
}

const Returned = z.looseObject({ outcome: z.looseObject({ kind: z.literal("returned"), resultJson: z.string() }) });
