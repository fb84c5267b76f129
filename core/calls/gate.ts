import type { CallAudit } from "../audit/run-audit.ts";
import { ownValueOf } from "../built-in/built-in-server.ts";
import type { Clock } from "../clock.ts";
import { closestTo, named, noToolMessage } from "../closest.ts";
import { callErrorOf, OrchestratorError } from "../errors.ts";
import type { EntryRecord } from "../journal/call-entry.ts";
import type { OpenEntry } from "../journal/journal-scope.ts";
import { limits } from "../limits.ts";
import { isRetrySafe, type Tool } from "../mcp/tool.ts";
import { type CallToolResult, contentOf, errorTextOf, toValue } from "../mcp/tool-result.ts";
import type { Upstream } from "../mcp/upstream.ts";
import { approvalReason, standingRule } from "../policy/approvals.ts";
import { hiddenVerdict, notAllowed } from "../policy/rules.ts";
import type { Traffic } from "../policy/traffic.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { ApprovalRequired } from "./approval.ts";
import { readArguments } from "./arguments.ts";
import { type CallForm, readCallForm } from "./call-form.ts";
import { createCallWarnings } from "./call-warnings.ts";
import { findFeature, readFeatureRequest } from "./feature-request.ts";
import { earlierCall } from "./ledger.ts";
import { type PerformParts, perform } from "./perform.ts";
import { createQuota, type Quota } from "./quota.ts";
import type { Run } from "./run.ts";
import type { CallReply, ToolCaller } from "./tool-caller.ts";

interface GateParts {
  run: Run;
  upstream: Upstream;
  clock: Clock;
  /** From 0 to 1, exclusive; spreads retries. */
  random: () => number;
  traffic: Traffic;
  registered: readonly ServerEntry[];
}

/**
 * The only way from user code to a server. Everything that the isolate asks for is checked here again, because the modules inside
 * it can be bypassed and this cannot.
 */
export function createGate({ run, upstream, clock, random, traffic, registered }: GateParts): ToolCaller {
  const warn = createCallWarnings(run.notifications);
  const closest = closestNames();
  const quota = createQuota({ traffic });
  const performing = { run, clock, random, quota };

  async function callTool(server: ServerEntry, called: Called, form: "value" | "raw"): Promise<CallReply> {
    const { name: wireName, argsJson, audit, open } = called;
    const tool = await findTool(run, { server, wireName, closest, upstream });
    const standing = run.approve && standingRule(server, tool);
    if (standing !== undefined) audit?.exempt(standing);
    const result = await perform<CallToolResult>(performing, {
      server,
      name: wireName,
      isRetrySafe: isRetrySafe(tool),
      argsChars: argsJson.length,
      audit,
      open,
      prepare() {
        if (run.hasChanged(server, tool)) throw toolChanged(server, tool);
        run.checkPin?.(server, tool);
        const args = readArguments(argsJson, { server: server.id, tool: tool.name });
        warn.ofArguments(args, { server: server.id, tool });
        return (options) => upstream.callTool(server, { tool: tool.name, args }, options);
      },
      approve: approvalOf(run, { server, tool, argsJson, open }),
      hasFailed: ({ isError }) => isError === true,
    });
    const own = ownValueOf(server, result);
    if (form === "raw") return { ok: true, value: { ...result, ownValue: undefined } };
    if (own) return own.json === undefined ? { ok: true, value: undefined } : { ok: true, valueJson: own.json };
    if (result.isError !== true) {
      warn.ofResult(result, { server: server.id, tool });
      return { ok: true, value: toValue(result) };
    }
    return { ok: false, error: { code: "tool_error", message: errorTextOf(result), content: contentOf(result) } };
  }

  async function make(called: Called, form: CallForm): Promise<CallReply> {
    const server = admit(run, { id: called.server, registered });
    run.countCall?.();
    return form === "ask" ? ask({ ...performing, upstream }, server, called) : callTool(server, called, form);
  }

  return {
    callMcpTool(id, tool, argsJson, wantedForm) {
      const form = readCallForm(wantedForm);
      const asked = { server: String(id), name: String(tool), argsJson: String(argsJson) };
      return inJournal({ run, quota }, { ...asked, form }, (open) =>
        recorded(run, { ...asked, open }, (called) => make(called, form)),
      );
    },
  };
}

/** Requests resources or prompts. */
async function ask(
  { upstream, ...performing }: PerformParts & Pick<GateParts, "upstream">,
  server: ServerEntry,
  { name: member, argsJson, audit, open }: Called,
): Promise<CallReply> {
  const method = findFeature(server, member);
  const value = await perform(performing, {
    server,
    name: member,
    isRetrySafe: true,
    argsChars: argsJson.length,
    audit,
    open,
    prepare() {
      const request = readFeatureRequest(server, method, readArguments(argsJson, { server: server.id, tool: member }));
      return (options) => upstream.ask(server, request, options);
    },
    hasFailed: () => false,
  });
  return { ok: true, value };
}

/** Answers a call as it was answered in an earlier life of the run, or makes it. Never rejects. */
async function inJournal(
  { run, quota }: { run: Run; quota: Quota },
  { name: tool, ...call }: Omit<Called, "audit" | "open"> & { form: CallForm },
  make: (open: OpenEntry | undefined) => Promise<CallReply>,
): Promise<CallReply> {
  if (run.journal === undefined) return make(undefined);
  try {
    return await run.journal.answer({ ...call, tool }, make, (record) => remember({ run, quota }, record));
  } catch (error) {
    return { ok: false, error: callErrorOf(error) };
  }
}

/** A call that was answered in an earlier life of the run is one of its calls, and counts. */
function remember({ run, quota }: { run: Run; quota: Quota }, record: EntryRecord): void {
  const call = earlierCall(record);
  if (call === undefined) return;
  run.countCall?.();
  quota.remember(call.server);
  run.ledger.add(call);
}

/** What a program called, as text that was not checked yet. */
interface Called {
  server: string;
  name: string;
  argsJson: string;
  audit: CallAudit | undefined;
  /** Its place in the journal of the run, if it has one. */
  open?: OpenEntry | undefined;
}

/** Makes the call, and writes down what became of it. Never rejects: a refusal is a value. */
async function recorded(
  run: Run,
  asked: Omit<Called, "audit">,
  call: (called: Called) => Promise<CallReply>,
): Promise<CallReply> {
  const audit = run.audit?.call({ ...asked, tool: asked.name });
  try {
    const reply = await call({ ...asked, audit });
    if (reply.ok && reply.valueJson === undefined) audit?.answered(reply.value);
    audit?.end(reply.ok ? undefined : reply.error);
    return reply;
  } catch (error) {
    audit?.end(error);
    const content = error instanceof ApprovalRequired ? { content: error.content } : {};
    return { ok: false, error: { ...callErrorOf(error), ...content } };
  }
}

/** A call that was checked against one tool is not sent to another one of the same name. */
function toolChanged(server: ServerEntry, tool: Tool): OrchestratorError {
  return new OrchestratorError(
    "tool_changed",
    `${server.id}.${tool.name} was changed by its server while the program ran, so nothing was sent. Run the program again: it is then checked against the new one.`,
    { server: server.id, tool: tool.name },
  );
}

/** Undefined if nobody has to allow the call: then it does not wait at all. */
function approvalOf({ approve }: Run, { server, tool, argsJson, open }: ToApprove) {
  const reason = approve && approvalReason(server, tool);
  const call = { server: server.id, tool: tool.name };
  // What is shown is what is sent, and not the text that a program made of it.
  const shown = () => JSON.stringify(readArguments(argsJson, call));
  return reason && (() => approve({ ...call, argsJson: shown(), reason }, open?.entry));
}

interface ToApprove {
  server: ServerEntry;
  tool: Tool;
  argsJson: string;
  open: OpenEntry | undefined;
}

function admit(run: Run, { id, registered }: { id: string; registered: readonly ServerEntry[] }): ServerEntry {
  const server = run.allowed.find((candidate) => candidate.id === id);
  if (server) return server;
  const known = registered.find((candidate) => candidate.id === id);
  throw known ? notAllowed(known) : new OrchestratorError("server_unknown", `No server "${named(id)}" in the registry.`);
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
  upstream: Upstream;
}

/** A tool that is not among those that the program was checked against may have appeared since: a call of the run may have added it. */
async function findTool(run: Run, { server, wireName, closest, upstream }: Wanted): Promise<Tool> {
  const isWanted = (candidate: Tool) => candidate.name === wireName;
  const known = run.toolsOf(server)?.find(isWanted);
  if (known) return known;
  const tools = await run.toolsNow(server);
  const tool = tools.find(isWanted);
  if (tool) return tool;
  const absent = upstream.whyAbsent?.(server, wireName);
  const suggestions = absent === undefined ? closest(wireName, tools) : [];
  // For few: a program may call thousands of tools that do not exist.
  const names = tools.length <= limits.toolsNamedMax ? tools.map(({ name }) => name) : undefined;
  const message = absent ?? noToolMessage(wireName, { server: server.id, closest: suggestions, names });
  throw new OrchestratorError("tool_unknown", message, { server: server.id, suggestions, ...hiddenVerdict(server, wireName) });
}
