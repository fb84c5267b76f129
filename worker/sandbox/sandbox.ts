import { RpcTarget } from "cloudflare:workers";
import { OrchestratorError } from "../../core/errors.ts";
import { type Sandbox as SandboxPort, SandboxReport, type ToolCaller } from "../../core/ports.ts";
import type { Sandbox } from "./entrypoint.ts";

/** The sandbox port over the service binding, whichever process is behind it. */
export function createSandbox(binding: Service<typeof Sandbox>): SandboxPort {
  return {
    async run(program, caller, { signal, ...options }) {
      const target = new CallerTarget(caller);
      const running: Promise<unknown> & Partial<Disposable> = binding.run(program, target, options);
      // Letting go of the call ends it on the other side. Whoever aborted no longer waits for it here.
      const letGo = () => {
        target[Symbol.dispose]();
        running[Symbol.dispose]?.();
      };
      signal.addEventListener("abort", letGo, { once: true });
      try {
        return readReport(await running);
      } catch (cause) {
        if (cause instanceof OrchestratorError) throw cause;
        throw new OrchestratorError("internal", stoppedMessage, { cause });
      } finally {
        signal.removeEventListener("abort", letGo);
        letGo();
      }
    },
  };
}

/** Which program was at fault is not known here; running an endless one again would stop the sandbox again. */
const stoppedMessage =
  "The sandbox was replaced while the program ran: a program in it used too much CPU or memory, perhaps this one. Look for endless loops before you run it again.";

function readReport(reported: unknown): SandboxReport {
  const report = SandboxReport.safeParse(reported);
  if (report.success) return report.data;
  throw new OrchestratorError("internal", "The sandbox answered something that is no report. Run the program again.", {
    cause: report.error,
  });
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
