import { RpcTarget } from "cloudflare:workers";
import type { CallForm } from "../../../core/calls/call-form.ts";
import type { ToolCaller } from "../../../core/calls/tool-caller.ts";
import type { ProgramCaller } from "../entrypoint.ts";

/**
 * The run's gate as the sandbox process sees it: the only thing that crosses the boundary. Closed with the run, so that a stub
 * someone kept calls nothing.
 */
export class CallerTarget extends RpcTarget implements ProgramCaller, Disposable {
  #caller: ToolCaller | undefined;
  #arrivedAt: number | undefined;

  constructor(caller: ToolCaller) {
    super();
    this.#caller = caller;
  }

  /** When the process had the program, in milliseconds since the epoch. */
  get arrivedAt(): number | undefined {
    return this.#arrivedAt;
  }

  async arrived(): Promise<void> {
    this.#arrivedAt = Date.now();
  }

  async callMcpTool(id: string, tool: string, argsJson: string, form: CallForm) {
    if (this.#caller) return this.#caller.callMcpTool(id, tool, argsJson, form);
    return { ok: false as const, error: { code: "cancelled", message: "The run has ended." } };
  }

  [Symbol.dispose](): void {
    this.#caller = undefined;
  }
}
