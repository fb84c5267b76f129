import { RpcTarget } from "cloudflare:workers";
import { OrchestratorError } from "../../core/errors.ts";
import { type Sandbox as SandboxPort, SandboxReport, type ToolCaller } from "../../core/ports.ts";
import type { Sandbox } from "./entrypoint.ts";

/** The sandbox port over the service binding, whichever process is behind it. */
export function createSandbox(binding: Service<typeof Sandbox>): SandboxPort {
  return {
    async run(program, caller, { signal, ...options }) {
      using target = new CallerTarget(caller);
      const running = binding.run(program, target, options);
      const report = SandboxReport.safeParse(await untilAborted(running, signal));
      if (report.success) return report.data;
      throw new OrchestratorError("internal", "The sandbox answered something that is no report. Run the program again.", {
        cause: report.error,
      });
    },
  };
}

/**
 * The run's gate as the isolate sees it: the only thing that crosses the boundary. Closed with the run, so that a stub
 * someone kept calls nothing.
 */
class CallerTarget extends RpcTarget implements ToolCaller, Disposable {
  #caller: ToolCaller | undefined;

  constructor(caller: ToolCaller) {
    super();
    this.#caller = caller;
  }

  async callMcpTool(id: string, tool: string, argsJson: string, form: "value" | "raw") {
    if (this.#caller) return this.#caller.callMcpTool(id, tool, argsJson, form);
    return { ok: false as const, error: { code: "cancelled", message: "The run has ended." } };
  }

  [Symbol.dispose](): void {
    this.#caller = undefined;
  }
}

/** Stops waiting when the run is over its time or cancelled; disposing the pending call ends it on the other side. */
async function untilAborted(running: Promise<unknown> & Partial<Disposable>, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) throw runEnded();
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(runEnded());
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([running, aborted]);
  } catch (error) {
    if (error instanceof OrchestratorError) throw error;
    throw new OrchestratorError("internal", "The sandbox stopped while the program ran. Run it again.", { cause: error });
  } finally {
    signal.removeEventListener("abort", onAbort);
    running[Symbol.dispose]?.();
  }
}

function runEnded(): OrchestratorError {
  return new OrchestratorError("run_timeout", "The program did not stop at its time limit and was given up on.");
}
