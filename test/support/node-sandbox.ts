import { readdirSync, readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { CallForm } from "../../core/calls/call-form.ts";
import { replyText } from "../../core/calls/tool-caller.ts";
import { OrchestratorError } from "../../core/errors.ts";
import { cpuBudgetMs } from "../../core/limit-messages.ts";
import { isolateBounds } from "../../core/run/isolate-bounds.ts";
import { shownResultOf } from "../../core/run/preview.ts";
import { type Sandbox, SandboxReport } from "../../core/run/sandbox.ts";

const runtimeFolder = new URL("../../worker/sandbox/isolate/runtime/", import.meta.url);
const runtimeModules = Object.fromEntries(
  readdirSync(runtimeFolder).map((file) => [`mcp-orchestrator/${file}`, readFileSync(new URL(file, runtimeFolder), "utf8")]),
);

// The worker thread itself needs Node's globals.
runtimeModules["mcp-orchestrator/node-globals.js"] = "export function withoutNodeGlobals() {}";

/**
 * Runs programs in a worker thread of Node, with the isolate's own runtime files and module names and a single function to reach
 * the outside. It is no security boundary: it runs only programs of our own tests.
 */
export const nodeSandbox = createNodeSandbox(cpuBudgetMs);

/** @param cpuMsOf the computing time of a program with this time limit */
export function createNodeSandbox(cpuMsOf: (timeoutMs: number) => number): Sandbox {
  return {
    run(program, caller, { signal, ...options }) {
      const thread = new Worker(new URL("./isolate-thread.mjs", import.meta.url), {
        execArgv: [],
        workerData: {
          modules: { ...program.modules, ...runtimeModules },
          input: {
            entry: program.entry,
            links: program.links,
            argsJson: options.argsJson,
            timeoutMs: options.timeoutMs,
            cpuMs: cpuMsOf(options.timeoutMs),
            bounds: isolateBounds(options.logLinesMax),
            determinism: options.determinism,
          },
        },
      });
      options.onStart();
      return new Promise<SandboxReport>((resolve, reject) => {
        const fail = (cause: unknown) => reject(new OrchestratorError("internal", "The sandbox stopped.", { cause }));
        const onAbort = () => reject(new OrchestratorError("run_timeout", "The run was aborted."));
        if (signal.aborted) onAbort();
        signal.addEventListener("abort", onAbort, { once: true });
        thread.on("error", fail);
        thread.on("message", async (message: Message) => {
          if (message.kind === "report") return resolve(withShown(SandboxReport.parse(message.report)));
          const reply = replyText(await caller.callMcpTool(...message.call));
          thread.postMessage({ id: message.id, reply });
        });
      }).finally(() => thread.terminate());
    },
  };
}

function withShown(report: SandboxReport): SandboxReport {
  const { outcome } = report;
  if (outcome.kind !== "returned" || outcome.resultJson === undefined) return report;
  return { ...report, outcome: { ...outcome, shown: shownResultOf(outcome.resultJson) } };
}

type Message =
  | { kind: "report"; report: unknown }
  | { kind: "call"; id: number; call: [id: string, tool: string, argsJson: string, form: CallForm] };
