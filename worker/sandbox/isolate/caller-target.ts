import { RpcTarget } from "cloudflare:workers";
import { readCallForm } from "../../../core/calls/call-form.ts";
import { replyText, type ToolCaller } from "../../../core/calls/tool-caller.ts";
import type { ErrorCode } from "../../../core/errors.ts";

/**
 * The RPC target through which an isolate calls the run's gate, from its own process or from another one: the only object that it
 * gets. It takes and returns only text. So no stub can leave the isolate, and no object can enter it that changed prototypes would
 * affect.
 */
export class CallerTarget extends RpcTarget {
  #caller: ToolCaller | undefined;

  constructor(caller: ToolCaller) {
    super();
    this.#caller = caller;
  }

  async callMcpTool(...call: unknown[]): Promise<string> {
    const [id, tool, argsJson, form] = call;
    if (typeof id !== "string" || typeof tool !== "string" || typeof argsJson !== "string") {
      return refusal("invalid_arguments", "callMcpTool takes strings.");
    }
    if (this.#caller === undefined) return refusal("cancelled", "The run has ended.");
    return replyText(await this.#caller.callMcpTool(id, tool, argsJson, readCallForm(form)));
  }

  /**
   * Called when the run ends, so that a stub that somebody keeps can call nothing. A field, which no stub reaches; and no disposer,
   * which would be called with the last stub: a run may begin again in another isolate.
   */
  readonly close = (): void => {
    this.#caller = undefined;
  };
}

function refusal(code: ErrorCode, message: string): string {
  return replyText({ ok: false, error: { code, message } });
}
