import { shownMessage } from "../core/calls/elicitation.ts";
import type { RunProgress } from "../core/calls/progress.ts";
import { type LogLine, lineText } from "../core/log-line.ts";
import type { Elicitation } from "../core/mcp/elicitation.ts";
import { failureAnswer } from "./failure.ts";
import type { Answer, CallOptions, Target } from "./target.ts";

/** What `env.ORCHESTRATOR.session(name)` returns in a Worker that binds the orchestrator's entrypoint `Orchestrator`. */
export interface SessionStub {
  listCapabilities(input: unknown): Promise<object>;
  describe(input: unknown): Promise<object>;
  startRun(input: unknown, listener: RunListener, client: AskableClient): PromiseLike<RunHandle>;
  answerRun(
    answers: { token: string; responses: Record<string, unknown> },
    listener: RunListener,
    client: AskableClient,
  ): PromiseLike<RunHandle>;
}

/** How its user can be asked. */
interface AskableClient {
  modes: Elicitation["mode"][];
}

interface RunListener {
  progressed(progress: RunProgress): void;
  printed(lines: LogLine[]): void;
}

interface RunHandle extends Partial<Disposable> {
  next(): Promise<Step>;
  cancel(): Promise<void>;
}

type Step =
  | { kind: "ended"; outcome: object }
  | { kind: "asks"; token: string; questions: { id: string; server: string; tool: string; question: Elicitation }[] };

/** A session of an orchestrator in the same Cloudflare account: no HTTP, no token. */
export function sessionTarget(session: SessionStub): Target {
  return {
    async call(tool, input, options) {
      try {
        switch (tool) {
          case "list_mcp_capabilities":
            return { ...(await session.listCapabilities(input)) };
          case "describe_mcp":
            return { ...(await session.describe(input)) };
          case "execute_mcp_code":
            return await execute(session, input, options);
        }
      } catch (error) {
        options.signal?.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        return failureAnswer("server_unavailable", `The orchestrator's session failed: ${reason}`);
      }
    },
    close: async () => {},
  };
}

/** Functions are passed over RPC as they are. A signal is not, so that the run is cancelled by a method. */
async function execute(session: SessionStub, input: unknown, { signal, onProgress, onElicit }: CallOptions): Promise<Answer> {
  const listener: RunListener = {
    progressed: (progress) => onProgress?.(progress),
    printed: (lines) => {
      for (const line of lines) onProgress?.({ message: lineText(line) });
    },
  };
  const client: AskableClient = { modes: onElicit === undefined ? [] : ["form", "url"] };
  let run = await session.startRun(input, listener, client);
  for (;;) {
    const step = await untilStop(run, signal);
    run[Symbol.dispose]?.();
    if (step.kind === "ended") return { ...step.outcome };
    const answers = await Promise.all(
      step.questions.map(
        async (asked) => [asked.id, await onElicit?.({ ...asked.question, message: shownMessage(asked) })] as const,
      ),
    );
    run = await session.answerRun({ token: step.token, responses: Object.fromEntries(answers) }, listener, client);
  }
}

/** What is aborted is cancelled first and waited for, so that its calls are cancelled when this rejects. */
async function untilStop(run: RunHandle, signal: AbortSignal | undefined): Promise<Step> {
  const cancel = () => void run.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    const step = await run.next();
    signal?.throwIfAborted();
    return step;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
