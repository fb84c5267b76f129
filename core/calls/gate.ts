import type { Clock } from "../clock.ts";
import { closestHint, closestTo, named } from "../closest.ts";
import { callErrorOf, OrchestratorError, UpstreamError } from "../errors.ts";
import { isRetrySafe, type Tool } from "../mcp/tool.ts";
import { type CallToolResult, contentOf, errorTextOf, toValue } from "../mcp/tool-result.ts";
import type { Upstream, UpstreamCallOptions } from "../mcp/upstream.ts";
import { notAllowedMessage } from "../registry/allow-list.ts";
import { callLimitsOf } from "../registry/call-limits.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { ApprovalRequired, createCallQuestions } from "./approval.ts";
import { readArguments } from "./arguments.ts";
import { readCallForm } from "./call-form.ts";
import { findFeature, readFeatureRequest } from "./feature-request.ts";
import type { CallOutcome, Ledger } from "./ledger.ts";
import type { RunNews } from "./progress.ts";
import type { Ask } from "./questions.ts";
import { createQuota, type SessionTraffic } from "./quota.ts";
import { withRetries } from "./retry.ts";
import type { CallReply, ToolCaller } from "./tool-caller.ts";

/** One execute, from here to the last call it makes. Passed along; nothing about a run is ever looked up. */
export interface Run {
  allowed: readonly ServerEntry[];
  /**
   * Tools as they were when the program was linked: what it may call is what it was compiled against.
   * @throws OrchestratorError when they could not be listed
   */
  toolsOf(server: ServerEntry): readonly Tool[] | undefined;
  /** Whether its server has another tool under that name by now, or none. */
  hasChanged(server: ServerEntry, tool: Tool): boolean;
  /** Milliseconds since the epoch; later again when the program had to be started again. */
  deadline(): number;
  signal: AbortSignal;
  ledger: Ledger;
  /** Where servers are heard while they work. */
  news: RunNews;
  /** Where they ask. */
  ask: Ask;
}

interface GateParts {
  run: Run;
  upstream: Upstream;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  traffic: SessionTraffic;
  registered: readonly ServerEntry[];
}

/** Something a server is asked for, as everything here needs to know it. */
interface Request<Answer> {
  server: ServerEntry;
  /** A tool, or a member of core/mcp/resources-and-prompts.ts: how the ledger calls it. */
  name: string;
  isRetrySafe: boolean;
  /**
   * Reads what was asked and gives what asks the server.
   * @throws OrchestratorError before anything is counted or sent
   */
  prepare: () => (options: UpstreamCallOptions) => Promise<Answer>;
  hasFailed: (answer: Answer) => boolean;
}

/**
 * The only way from user code to a server: allow → count → rate → turn → deadline → call → record. Whatever the isolate
 * asks for is checked here again, because modules inside it can be bypassed and this cannot.
 */
export function createGate({ run, upstream, clock, random, traffic, registered }: GateParts): ToolCaller {
  const quota = createQuota({ traffic, clock });

  async function callTool(server: ServerEntry, wireName: string, argsJson: string, form: "value" | "raw"): Promise<CallReply> {
    const tool = findTool(run, server, wireName);
    const result = await perform<CallToolResult>({
      server,
      name: wireName,
      isRetrySafe: isRetrySafe(tool),
      prepare() {
        if (run.hasChanged(server, tool)) throw toolChanged(server, tool);
        const args = readArguments(argsJson, { server: server.id, tool: tool.name });
        return (options) => upstream.callTool(server, { tool: tool.name, args }, options);
      },
      hasFailed: ({ isError }) => isError === true,
    });
    if (form === "raw") return { ok: true, value: result };
    if (result.isError !== true) return { ok: true, value: toValue(result) };
    return { ok: false, error: { code: "tool_error", message: errorTextOf(result), content: contentOf(result) } };
  }

  async function ask(server: ServerEntry, member: string, argsJson: string): Promise<CallReply> {
    const method = findFeature(server, member);
    const value = await perform({
      server,
      name: member,
      isRetrySafe: true,
      prepare() {
        const request = readFeatureRequest(server, method, readArguments(argsJson, { server: server.id, tool: member }));
        return (options) => upstream.ask(server, request, options);
      },
      hasFailed: () => false,
    });
    return { ok: true, value };
  }

  async function perform<Answer>({ server, name, isRetrySafe, prepare, hasFailed }: Request<Answer>): Promise<Answer> {
    let isSent = false;
    const entry = run.ledger.open({ server: server.id, tool: name, isRetrySafe });
    const questions = createCallQuestions(run.ask, { server: server.id, tool: name });
    try {
      const send = prepare();
      using _place = quota.enter(server);
      using _turn = await quota.turn(server, run.signal);
      const timeoutMs = Math.min(callLimitsOf(server).timeoutMs, run.deadline() - clock.now());
      if (timeoutMs <= 0)
        throw new UpstreamError("call_timeout", "The run's time was up before this call was sent.", { delivery: "not_sent" });

      const attempt = (leftMs: number) => {
        isSent = true;
        entry.sent();
        const { onElicit } = questions;
        const totalMs = run.deadline() - clock.now();
        return send({ signal: run.signal, timeoutMs: leftMs, totalMs, ...run.news.listen(server.id, name), onElicit });
      };
      const answer = await withRetries(attempt, {
        isRetrySafe,
        clock,
        random,
        deadline: clock.now() + timeoutMs,
        signal: run.signal,
        takeRate: () => quota.takeRate(server),
      });
      questions.passed({ hasFailed: hasFailed(answer) });
      entry.settle(hasFailed(answer) ? "failed" : "succeeded");
      return answer;
    } catch (cause) {
      const error = questions.failed(cause);
      entry.settle(outcomeOf(error, isSent));
      throw error;
    }
  }

  return {
    async callMcpTool(id, tool, argsJson, form) {
      try {
        const server = admit(run, { id: String(id), registered });
        const known = readCallForm(form);
        return known === "ask"
          ? await ask(server, String(tool), String(argsJson))
          : await callTool(server, String(tool), String(argsJson), known);
      } catch (error) {
        const content = error instanceof ApprovalRequired ? { content: error.content } : {};
        return { ok: false, error: { ...callErrorOf(error), ...content } };
      }
    },
  };
}

/** A call that was checked against one tool is not sent to what has its name by now. */
function toolChanged(server: ServerEntry, tool: Tool): OrchestratorError {
  return new OrchestratorError(
    "tool_changed",
    `${server.id}.${tool.name} was changed by its server while the program ran, so nothing was sent. Run the program again: it is then checked against the new one.`,
    { server: server.id, tool: tool.name },
  );
}

function admit(run: Run, { id, registered }: { id: string; registered: readonly ServerEntry[] }): ServerEntry {
  const server = run.allowed.find((candidate) => candidate.id === id);
  if (server) return server;
  const known = registered.find((candidate) => candidate.id === id);
  throw known
    ? new OrchestratorError("server_not_allowed", notAllowedMessage(known), { server: id })
    : new OrchestratorError("server_unknown", `No server "${named(id)}" in the registry.`);
}

function findTool(run: Run, server: ServerEntry, wireName: string): Tool {
  const tools = run.toolsOf(server) ?? [];
  const tool = tools.find((candidate) => candidate.name === wireName);
  if (tool) return tool;
  const suggestions = closestTo(
    wireName,
    tools.map((candidate) => candidate.name),
  );
  const hint = closestHint(suggestions);
  throw new OrchestratorError(
    "tool_unknown",
    `No tool "${named(wireName)}" on ${server.id}.${hint} describe_mcp lists its tools.`,
    {
      server: server.id,
      suggestions,
    },
  );
}
/** An upstream that fails without saying how far it got may have sent the call. */
function outcomeOf(error: unknown, isSent: boolean): CallOutcome {
  if (!(error instanceof UpstreamError)) return isSent ? "unknown" : "not_started";
  switch (error.delivery) {
    case "not_sent":
      return "not_started";
    case "sent":
      return "unknown";
    case "answered":
      return "failed";
  }
}
