import { RpcTarget } from "cloudflare:workers";
import type { Context } from "hono";
import type { RunProgress } from "../../../core/calls/progress.ts";
import { instructionsFor } from "../../../core/discovery/instructions.ts";
import type { RunLine } from "../../../core/log-line.ts";
import { version } from "../../../package.json";
import type { Live, LogLevel } from "../../mcp/live.ts";
import { createMcpFace, type ToolOperations } from "../../mcp/server.ts";
import { registryOf } from "../../registry.ts";
import { type SessionAddress, sessionAt } from "../access/session-address.ts";
import type { Env } from "../env.ts";

/** `POST /mcp`: the three tools, each one call of the session object. */
export function serveMcp(c: Context<{ Bindings: Env }>, address: SessionAddress): Promise<Response> {
  const session = sessionAt(c.env, address);
  const { origin } = new URL(c.req.url);
  const operations: ToolOperations = {
    // A handshake that fails is not tried again by most clients: without the session, what it began with has to do.
    instructions: () => session.instructions().catch(() => instructionsFor(registryOf(c.env))),
    listCapabilities: (input) => session.listCapabilities(input, origin),
    describe: (input) => session.describe(input, origin),
    async execute(input, { signal, live, modes, answers }) {
      const listener = new RunListener(live);
      using run = await (answers ? session.answerRun(answers, listener) : session.startRun(input, listener, modes, origin));
      // The client is gone and its request with it: without waitUntil the message would not be sent.
      const cancel = () => c.executionCtx.waitUntil(run.cancel());
      if (signal.aborted) cancel();
      signal.addEventListener("abort", cancel, { once: true });
      try {
        return await run.next();
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
    setLogLevel: (level) => session.setLogLevel(level),
  };
  const face = createMcpFace({ route: c.req.path, version, operations });
  return face(c.req.raw, c.env, c.executionCtx as ExecutionContext);
}

/** What the session calls back on while a run is under way. */
class RunListener extends RpcTarget {
  readonly #live: Live;

  constructor(live: Live) {
    super();
    this.#live = live;
  }

  async progressed(progress: RunProgress): Promise<void> {
    this.#live.progressed(progress);
  }

  async printed(lines: RunLine[], leastLevel: LogLevel | undefined): Promise<void> {
    this.#live.printed(lines, leastLevel);
  }
}
