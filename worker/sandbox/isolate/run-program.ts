import { RpcTarget } from "cloudflare:workers";
import { z } from "zod";
import { readCallForm } from "../../../core/calls/call-form.ts";
import { replyText, type ToolCaller } from "../../../core/calls/tool-caller.ts";
import type { Program } from "../../../core/program/program.ts";
import { previewJsonOf } from "../../../core/run/preview.ts";
import { outcomeOfFailure } from "./isolate-failure.ts";
import { type IsolateOptions, isolateInput, loadIsolate } from "./loader.ts";

/** A running program. */
export interface Running {
  /** The report of the isolate, not validated. */
  report: Promise<unknown>;
  /** Cancels the program if it still runs, and frees its RPC result. Must be called once in any case. */
  dispose(): void;
}

/** Starts a program in an isolate of its own, in this process. */
export function runProgram(
  loader: WorkerLoader,
  program: Program,
  { caller, options }: { caller: ToolCaller; options: IsolateOptions },
): Running {
  const running: Promise<unknown> & Partial<Disposable> = loadIsolate(loader, program).run(
    new Relay(caller),
    isolateInput(program, options),
  );
  return { report: reportOf(running), dispose: () => running[Symbol.dispose]?.() };
}

async function reportOf(running: Promise<unknown>): Promise<unknown> {
  try {
    return withPreview(JSON.parse(String(await running)));
  } catch (error) {
    return { outcome: outcomeOfFailure(error), logs: [], logsDropped: 0 };
  }
}

/** Adds the preview of a long result. The report is not validated yet. */
function withPreview(report: unknown): unknown {
  const returned = Returned.safeParse(report);
  if (!returned.success) return report;
  const { outcome } = returned.data;
  return { ...returned.data, outcome: { ...outcome, previewJson: previewJsonOf(outcome.resultJson) } };
}

const Returned = z.looseObject({ outcome: z.looseObject({ kind: z.literal("returned"), resultJson: z.string() }) });

/**
 * Exposes one method of the caller to the isolate, and passes only text. So no stub can leave the isolate, and no object can
 * enter it that changed prototypes would affect.
 */
class Relay extends RpcTarget {
  readonly #caller: ToolCaller;

  constructor(caller: ToolCaller) {
    super();
    this.#caller = caller;
  }

  async callMcpTool(...call: unknown[]): Promise<string> {
    const [id, tool, argsJson, form] = call;
    if (typeof id !== "string" || typeof tool !== "string" || typeof argsJson !== "string") {
      throw new TypeError("callMcpTool takes strings.");
    }
    return replyText(await this.#caller.callMcpTool(id, tool, argsJson, readCallForm(form)));
  }
}
