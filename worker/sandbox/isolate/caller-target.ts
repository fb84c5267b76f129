import { RpcTarget } from "cloudflare:workers";
import type { CallForm } from "../../../core/calls/call-form.ts";
import { replyText, type ToolCaller } from "../../../core/calls/tool-caller.ts";
import type { ProgramCaller } from "../entrypoint.ts";

/**
 * The RPC target through which a sandbox process calls the run's gate: the only object that it gets. Closed when the run ends, so
 * that a stub that somebody keeps can call nothing.
 */
export class CallerTarget extends RpcTarget implements ProgramCaller, Disposable {
  readonly #onArrival: () => void;
  #caller: ToolCaller | undefined;
  #arrivedAt: number | undefined;

  constructor(caller: ToolCaller, onArrival: () => void) {
    super();
    this.#caller = caller;
    this.#onArrival = onArrival;
  }

  /** When the program arrived in the process, in milliseconds since the epoch. */
  get arrivedAt(): number | undefined {
    return this.#arrivedAt;
  }

  /** @throws Error when nobody waits for the program any more: it must not start */
  async arrived(): Promise<void> {
    if (this.#caller === undefined) throw new Error("The program runs elsewhere by now, or its run has ended.");
    this.#arrivedAt = Date.now();
    this.#onArrival();
  }

  async callMcpTool(id: string, tool: string, argsJson: string, form: CallForm) {
    if (this.#caller) return replyText(await this.#caller.callMcpTool(id, tool, argsJson, form));
    return replyText({ ok: false, error: { code: "cancelled", message: "The run has ended." } });
  }

  [Symbol.dispose](): void {
    this.#caller = undefined;
  }
}
