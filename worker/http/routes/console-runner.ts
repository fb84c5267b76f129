import { RpcTarget } from "cloudflare:workers";
import type { RunProgress } from "../../../core/calls/progress.ts";
import type { PublicError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { RunLine } from "../../../core/log-line.ts";
import type { ElicitationMode } from "../../../core/mcp/elicitation.ts";
import { escapeInvisible } from "../../../core/text.ts";
import { askedQuestion } from "../../console/questions.tsx";
import { type RunReply, replyText } from "../../console/reply.tsx";
import type { Viewer } from "../../console/shell.tsx";
import type { ElicitationAnswers, Step } from "../../mcp/elicitation.ts";
import { originOf } from "../access/origin.ts";
import type { sessionAt } from "../access/session-address.ts";
import type { C } from "./console-page.ts";

type Session = ReturnType<typeof sessionAt>;

/** A form, as input of execute. What is wrong with its fields themselves, execute says. */
export type Asked = { ok: true; input: object } | { ok: false; errors: PublicError[] };

export interface Follow {
  /** Gets the log lines and the progress of the run while it runs. */
  tell: (line: object) => void;
  signal: AbortSignal;
}

/** Its pages have a form for each. Calls that need a person's word wait on the page that shows all that is needed to decide. */
const asClient = { modes: ["form", "url"], isDecidedApart: true } satisfies { modes: ElicitationMode[]; isDecidedApart: boolean };

/** Runs a program as execute_mcp_code does, until it ends or asks something, or until `follow.signal` cancels it. */
export async function runToStop(c: C, session: Session, asked: Asked, follow?: Follow): Promise<RunReply> {
  if (!asked.ok) return { kind: "ended", outcome: asked };
  return stopOf(c, (listener) => session.startRun(asked.input, listener, { ...asClient, origin: originOf(c) }), follow);
}

/** The same for a run that goes on with a person's answers. */
export function goOnToStop(c: C, session: Session, answers: ElicitationAnswers, follow?: Follow): Promise<RunReply> {
  return stopOf(c, (listener) => session.answerRun(answers, listener, asClient), follow);
}

interface Stoppable extends Disposable {
  next(): Promise<Step>;
  cancel(): Promise<void>;
}

async function stopOf(c: C, start: (listener: Follower) => Promise<Stoppable>, follow?: Follow): Promise<RunReply> {
  const { tell = () => {}, signal = c.req.raw.signal } = follow ?? {};
  using run = await start(new Follower(tell));
  const stop = () => c.executionCtx.waitUntil(run.cancel());
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const step = await run.next();
  return step.kind === "ended" ? step : { ...step, questions: step.questions.map(askedQuestion) };
}

/** Whether a script asks, which shows lines as they come. */
export function wantsLines(c: C): boolean {
  return c.req.header("Accept")?.includes("application/x-ndjson") === true;
}

/**
 * A run told while it is under way: one JSON object a line, the last one with its answer as a part of a page. An empty line is written
 * every `keepAliveMs`, because the runtime notices only when it writes that a browser has gone, which cancels the run.
 */
export function tellLive(c: C, { run, viewer }: { run: (follow: Follow) => Promise<RunReply>; viewer: Viewer }): Response {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, c.req.raw.signal]);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tell = (line: object) => {
        if (!signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      const keepAlive = setInterval(() => signal.aborted || controller.enqueue(encoder.encode("\n")), limits.keepAliveMs);
      const finish = async () => {
        try {
          tell({ answer: await replyText(await run({ tell, signal }), viewer) });
        } finally {
          clearInterval(keepAlive);
        }
        if (!signal.aborted) controller.close();
      };
      c.executionCtx.waitUntil(finish().catch((error: unknown) => signal.aborted || controller.error(error)));
    },
    cancel: () => gone.abort(),
  });
  return new Response(body, { headers: { "Content-Type": "application/x-ndjson; charset=utf-8", "Cache-Control": "no-store" } });
}

/** Receives the progress and log lines of a run from the session. */
export class Follower extends RpcTarget {
  readonly #tell: (line: object) => void;

  constructor(tell: (line: object) => void) {
    super();
    this.#tell = tell;
  }

  async progressed(progress: RunProgress): Promise<void> {
    this.#tell({ progress });
  }

  async printed(lines: RunLine[]): Promise<void> {
    for (const { message, ...marks } of lines) this.#tell({ log: { ...marks, message: escapeInvisible(message) } });
  }

  /** The run asks its client something: whoever watches may answer too. */
  async asked(token: string): Promise<void> {
    this.#tell({ asks: token });
  }
}
