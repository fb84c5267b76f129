import { RpcTarget } from "cloudflare:workers";
import type { Context } from "hono";
import { instructionsFor } from "../../../core/instructions.ts";
import type { LogLine, Progress } from "../../../core/ports.ts";
import { version } from "../../../package.json";
import type { Env } from "../../env.ts";
import type { Live, LogLevel } from "../../mcp/live.ts";
import { createMcpFace, type ToolOperations } from "../../mcp/server.ts";
import { registryOf } from "../../registry.ts";
import { type SessionAddress, sessionAt } from "../session-address.ts";

/** `POST /mcp`: the three tools, each one call of the session object. */
export function serveMcp(c: Context<{ Bindings: Env }>, address: SessionAddress): Promise<Response> {
  const session = sessionAt(c.env, address);
  const operations: ToolOperations = {
    listCapabilities: (input) => session.listCapabilities(input),
    describe: (input) => session.describe(input),
    async execute(input, { signal, live }) {
      using run = await session.startRun(input, new RunListener(live));
      // The client is gone and its request with it: without waitUntil the message would not be sent.
      const cancel = () => c.executionCtx.waitUntil(run.cancel());
      if (signal.aborted) cancel();
      signal.addEventListener("abort", cancel, { once: true });
      try {
        return await run.outcome();
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
    setLogLevel: (level) => session.setLogLevel(level),
  };
  const face = createMcpFace({ route: c.req.path, version, instructions: instructionsFor(registryOf(c.env)), operations });
  return face(c.req.raw, c.env, c.executionCtx as ExecutionContext);
}

/** What the session calls back on while a run is under way. */
class RunListener extends RpcTarget {
  readonly #live: Live;

  constructor(live: Live) {
    super();
    this.#live = live;
  }

  async progressed(progress: Progress): Promise<void> {
    this.#live.progressed(progress);
  }

  async printed(lines: LogLine[], leastLevel: LogLevel | undefined): Promise<void> {
    this.#live.printed(lines, leastLevel);
  }
}
