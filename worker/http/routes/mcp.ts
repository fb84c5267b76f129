import { RpcTarget } from "cloudflare:workers";
import type { Context } from "hono";
import type { RunProgress } from "../../../core/calls/progress.ts";
import { instructionsFor } from "../../../core/discovery/instructions.ts";
import type { RunLine } from "../../../core/log-line.ts";
import { version } from "../../../package.json";
import { isLocal } from "../../bindings.ts";
import { systemClock } from "../../clock.ts";
import type { Live, LogLevel } from "../../mcp/live.ts";
import { createMcpEndpoint, type ToolOperations } from "../../mcp/server.ts";
import { registryOf } from "../../registry.ts";
import { endedMcpSessions } from "../../said-here.ts";
import { originOf } from "../access/origin.ts";
import { type SessionAddress, sessionAt } from "../access/session-address.ts";
import type { Env } from "../env.ts";

/**
 * `POST /mcp`: the three tools. Each tool call is one call to the session object.
 * @param body which was read already; undefined for a request without one
 */
export function serveMcp(c: Context<{ Bindings: Env }>, address: SessionAddress, body: string | undefined): Promise<Response> {
  const session = sessionAt(c.env, address);
  const origin = originOf(c);
  const requestId = c.get("requestId");
  const mode = c.req.query("mode") === "direct" ? "direct" : "code";
  const operations: ToolOperations = {
    // Most clients do not retry a failed handshake. If the session fails, the instructions come from the built-in registry.
    instructions: () => session.instructions().catch(() => instructionsFor(registryOf(c.env))),
    listCapabilities: (input) => session.listCapabilities(input, { origin, requestId }),
    describe: (input) => session.describe(input, { origin, requestId }),
    async execute(input, { signal, live, modes, answers, request }) {
      const listener = new RunListener(live);
      using run = await (answers
        ? session.answerRun(answers, listener, { modes })
        : session.startRun(input, listener, { modes, origin, request, requestId }));
      // The client has disconnected, which ends its request: without waitUntil the cancellation would not be sent.
      const cancel = () => c.executionCtx.waitUntil(run.cancel());
      if (signal.aborted) cancel();
      signal.addEventListener("abort", cancel, { once: true });
      try {
        return await run.next();
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
    skills: (uri) => session.skills({ uri, caller: mode }, { origin, requestId }),
    setLogLevel: (level) => session.setLogLevel(level),
    mcpSessions: {
      cancel: (request) => session.cancelRun(request),
      end: (mcpSession) => session.endMcpSession(mcpSession),
      async hasEnded(mcpSession) {
        const ended = endedMcpSessions.by(session.name ?? "", { isLocal: isLocal(c.env) });
        return ended?.includes(mcpSession) ?? session.hasMcpSessionEnded(mcpSession);
      },
    },
  };
  const showsSkills = c.req.query("skills") === "on";
  const endpoint = createMcpEndpoint({ route: c.req.path, version, mode, showsSkills, operations, clock: systemClock });
  return endpoint(c.req.raw, body);
}

/** Receives the progress and log lines of a run from the session. */
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
