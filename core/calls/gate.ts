import type { Clock } from "../clock.ts";
import { closestHint, closestTo, named } from "../closest.ts";
import { callErrorOf, OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import { isRetrySafe, type Tool } from "../mcp/tool.ts";
import { type CallToolResult, contentOf, errorTextOf, toValue } from "../mcp/tool-result.ts";
import type { Upstream } from "../mcp/upstream.ts";
import { notAllowedMessage } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { ApprovalRequired } from "./approval.ts";
import { readArguments } from "./arguments.ts";
import { readCallForm } from "./call-form.ts";
import { findFeature, readFeatureRequest } from "./feature-request.ts";
import { createNearMissWarnings } from "./near-miss.ts";
import { perform } from "./perform.ts";
import { createQuota, type SessionTraffic } from "./quota.ts";
import type { Run } from "./run.ts";
import type { CallReply, ToolCaller } from "./tool-caller.ts";

interface GateParts {
  run: Run;
  upstream: Upstream;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  traffic: SessionTraffic;
  registered: readonly ServerEntry[];
}

/**
 * The only way from user code to a server. Everything that the isolate asks for is checked here again, because the modules inside
 * it can be bypassed and this cannot.
 */
export function createGate({ run, upstream, clock, random, traffic, registered }: GateParts): ToolCaller {
  const warnOfNearMisses = createNearMissWarnings(run.notifications);
  const closest = closestNames();
  const performing = { run, clock, random, quota: createQuota({ traffic, clock }) };

  async function callTool(server: ServerEntry, wireName: string, argsJson: string, form: "value" | "raw"): Promise<CallReply> {
    const tool = await findTool(run, { server, wireName, closest });
    const result = await perform<CallToolResult>(performing, {
      server,
      name: wireName,
      isRetrySafe: isRetrySafe(tool),
      argsChars: argsJson.length,
      prepare() {
        if (run.hasChanged(server, tool)) throw toolChanged(server, tool);
        const args = readArguments(argsJson, { server: server.id, tool: tool.name });
        warnOfNearMisses(args, { server: server.id, tool });
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
    const value = await perform(performing, {
      server,
      name: member,
      isRetrySafe: true,
      argsChars: argsJson.length,
      prepare() {
        const request = readFeatureRequest(server, method, readArguments(argsJson, { server: server.id, tool: member }));
        return (options) => upstream.ask(server, request, options);
      },
      hasFailed: () => false,
    });
    return { ok: true, value };
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

/** A call that was checked against one tool is not sent to another one of the same name. */
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

/** Finds the closest names for the first of the calls to tools that do not exist: a program may make thousands of them. */
function closestNames(): (wireName: string, tools: readonly Tool[]) => string[] {
  let left: number = limits.suggestionsPerRunMax;
  return (wireName, tools) => {
    if (left <= 0) return [];
    left -= 1;
    return closestTo(
      wireName,
      tools.map((candidate) => candidate.name),
    );
  };
}

interface Wanted {
  server: ServerEntry;
  wireName: string;
  closest: ReturnType<typeof closestNames>;
}

/** A tool that is not among those that the program was checked against may have appeared since: a call of the run may have added it. */
async function findTool(run: Run, { server, wireName, closest }: Wanted): Promise<Tool> {
  const isWanted = (candidate: Tool) => candidate.name === wireName;
  const known = run.toolsOf(server)?.find(isWanted);
  if (known) return known;
  const tools = await run.toolsNow(server);
  const tool = tools.find(isWanted);
  if (tool) return tool;
  const suggestions = closest(wireName, tools);
  const message = `No tool "${named(wireName)}" on ${server.id}.${closestHint(suggestions)} describe_mcp lists its tools.`;
  throw new OrchestratorError("tool_unknown", message, { server: server.id, suggestions });
}
