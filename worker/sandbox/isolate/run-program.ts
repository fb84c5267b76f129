import { RpcTarget } from "cloudflare:workers";
import { readCallForm } from "../../../core/calls/call-form.ts";
import type { ToolCaller } from "../../../core/calls/tool-caller.ts";
import type { Program } from "../../../core/program/program.ts";
import { outcomeOfFailure } from "./isolate-failure.ts";
import { type IsolateOptions, isolateInput, loadIsolate } from "./loader.ts";

/** A program under way. */
export interface Running {
  /** What the isolate reports, unchecked. */
  report: Promise<unknown>;
  /** Ends it, or lets go of it when it has ended: to be called once in any case. */
  letGo(): void;
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
  return { report: reportOf(running), letGo: () => running[Symbol.dispose]?.() };
}

async function reportOf(running: Promise<unknown>): Promise<unknown> {
  try {
    return JSON.parse(String(await running));
  } catch (error) {
    return { outcome: outcomeOfFailure(error), logs: [], logsDropped: 0 };
  }
}

/**
 * Narrows what the isolate holds to the one method, whatever else the session's target may have, and what passes to text:
 * no stub leaves the isolate, and no object enters it for its prototypes to meddle with.
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
      throw new TypeError("callMcpTool takes texts.");
    }
    return JSON.stringify(await this.#caller.callMcpTool(id, tool, argsJson, readCallForm(form)));
  }
}
