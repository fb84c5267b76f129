import { type BuiltInServer, builtInEntry } from "../built-in/built-in-server.ts";
import { named } from "../closest.ts";
import { type PublicError, UpstreamError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Tool } from "../mcp/tool.ts";
import type { CallToolResult } from "../mcp/tool-result.ts";
import type { CallingRun } from "../mcp/upstream.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { inputSchemaOf, type SavedSource, type SavedSummary } from "./definition.ts";
import type { KnownServers } from "./pins.ts";
import type { Programs } from "./programs.ts";
import { savedLimits } from "./saved-limits.ts";
import { problemsOf } from "./validate.ts";

/** A saved tool as the session knows it. */
export interface KnownTool extends SavedSummary {
  /** Why it does not fit today's clients. */
  stale?: string;
  /** What of it is left out, and why. */
  warning?: string;
  /** It is a file beside the registry. */
  isScript?: true;
}

export interface SavedServerParts {
  tools(): readonly KnownTool[];
  /** Undefined if it was deleted meanwhile. */
  sourceOf(tool: KnownTool): Promise<SavedSource | undefined>;
  programs(): Programs;
}

/** The server whose tools are the saved programs. */
export function createSavedServer(parts: SavedServerParts): BuiltInServer {
  const find = (identifier: string) => parts.tools().find(({ name }) => toIdentifier(name) === identifier);
  /** It says itself what helps: the saved program that it calls is disabled, or waits for a person. */
  const isOfAnother = ({ server, tool = "" }: PublicError) => {
    const used = server === savedEntry.id ? find(toIdentifier(tool)) : undefined;
    return used !== undefined && !isCallable(used);
  };
  return {
    entry: savedEntry,
    listTools: () => parts.tools().filter(isCallable).map(toolOf),
    whyAbsent(name) {
      const tool = find(toIdentifier(name));
      return tool && !isCallable(tool) ? whyNotCallable(tool) : undefined;
    },
    async callTool({ tool: name, args }, options) {
      const tool = find(name);
      if (tool === undefined || !isCallable(tool)) throw notCallable(name, tool);
      const { within: caller } = options;
      if (caller === undefined) throw new Error("a saved program is called by a run");
      refuseDepth(tool.name, caller);
      const given = withDefaults(args, tool.inputSchema);
      refuseArguments(tool, given);
      const source = await parts.sourceOf(tool);
      if (source === undefined) throw notCallable(name, undefined);
      const { timeoutMs, allowedMcpIds } = tool;
      const program = { name: tool.name, source, allowedMcpIds };
      const ending = await parts.programs().run(program, { args: given, timeoutMs, caller, options });
      switch (ending.kind) {
        case "returned":
          return returned(ending.json);
        case "stale":
          throw staleError(tool, whyStale(tool, ending.errors, parts.programs()), {
            isToChange: goneFor(tool, parts.programs()).length === 0 && !ending.errors.every(isOfAnother),
          });
        case "failed":
          throw failure(tool.name, ending.error);
      }
    },
  };
}

export const savedEntry: ServerEntry = builtInEntry("saved", {
  title: "Saved programs",
  summary: "Programs that were kept as tools, each one call.",
  // The turns of programs that wait for each other are in core/run/nested-programs.ts: here they would wait for ever.
  limits: { timeoutMs: savedLimits.timeoutMsMax, callsPerRun: 500, callsPerMinute: 3_000, concurrency: 1_000 },
});

export function isCallable({ enabled, proposed }: KnownTool): boolean {
  return enabled && proposed === undefined;
}

function toolOf(tool: KnownTool): Tool {
  const { name, title, description, outputSchema, examples, stale } = tool;
  const identifier = toIdentifier(name);
  const notes = [
    ...(stale === undefined ? [] : [`stale: ${stale}`]),
    description,
    ...examples.map(
      (example) => `Example: ${typeof example === "string" ? example : `saved.${identifier}(${JSON.stringify(example)})`}`,
    ),
  ];
  return {
    name: identifier,
    ...(title === undefined ? {} : { title }),
    description: notes.join("\n\n"),
    inputSchema: inputSchemaOf(tool),
    ...(outputSchema ? { outputSchema } : {}),
  };
}

function notCallable(name: string, tool: KnownTool | undefined): UpstreamError {
  const why = tool ? whyNotCallable(tool) : `No saved program "${named(name)}" any more. dynamic.tool_list() lists them.`;
  return new UpstreamError("tool_unknown", why, { delivery: "not_sent" });
}

function whyNotCallable({ name, proposed }: KnownTool): string {
  return proposed
    ? `"${name}" was proposed and waits until a person accepts it, on the page /approve or with mcp-bridge save --accept ${name}.`
    : `"${name}" is disabled. dynamic.tool_enable({ name: "${name}", enabled: true }) enables it.`;
}

function refuseDepth(name: string, { chain }: CallingRun): void {
  if (chain.length < savedLimits.depthMax) return;
  throw new UpstreamError(
    "too_many_calls",
    `Saved programs call each other at most ${savedLimits.depthMax} deep, so ${name} was not run: ${[...chain, name].join(" → ")}.`,
    { delivery: "not_sent", retryable: false },
  );
}

function withDefaults(args: Record<string, JsonValue>, { properties }: SavedSummary["inputSchema"]): Record<string, JsonValue> {
  if (typeof properties !== "object" || properties === null) return args;
  const missing = Object.entries(properties).flatMap(([name, property]): [string, JsonValue][] => {
    const value: unknown =
      typeof property === "object" && property !== null && "default" in property ? property.default : undefined;
    return value === undefined || Object.hasOwn(args, name) ? [] : [[name, JSON.parse(JSON.stringify(value))]];
  });
  return missing.length === 0 ? args : { ...args, ...Object.fromEntries(missing) };
}

function refuseArguments({ name, inputSchema }: KnownTool, args: Readonly<Record<string, JsonValue>>): void {
  const problems = problemsOf(args, inputSchema);
  if (problems.length === 0) return;
  throw new UpstreamError("invalid_arguments", `${name} was not run: ${problems.join("; ")}.`, { delivery: "not_sent" });
}

/** The result is JSON text that nobody here reads: it may be megabytes. */
function returned(json: string | undefined): CallToolResult {
  return { content: json === undefined ? [] : [{ type: "text", text: json }], ownValue: { json } };
}

function staleError({ name, isScript }: KnownTool, why: string, { isToChange }: { isToChange: boolean }): UpstreamError {
  const next = isToChange ? " Save it again with dynamic.tool_update." : "";
  const message = isScript
    ? `${name} was not run, because its file in scripts/ has errors: ${why}`
    : `${name} does not fit the tools that it uses any more, so it was not run: ${why}${next}`;
  return new UpstreamError("stale_tool", message, { delivery: "not_sent" });
}

/** Why it does not fit: the servers of its that the session does not have any more, and its problems. */
export function whyStale(tool: SavedSummary, errors: readonly PublicError[], servers: KnownServers): string {
  const gone = goneFor(tool, servers);
  const why = `Not in the registry any more: ${gone.map(named).join(", ")}. Put it back, or change the program.`;
  return [...(gone.length > 0 ? [why] : []), problemsText(errors)].join(" ");
}

function goneFor({ pins, allowedMcpIds = [] }: SavedSummary, servers: KnownServers): string[] {
  return [...new Set([...Object.keys(pins), ...allowedMcpIds])].filter((id) => !servers.hasServer(id));
}

/** The problems of a program with their places, in one line each. */
export function problemsText(errors: readonly PublicError[]): string {
  return errors.map((error) => `${placeOf(error)}${error.message}`).join("\n");
}

function placeOf({ file, line, column }: PublicError): string {
  if (file === undefined || line === undefined) return "";
  return `${file}:${line}${column === undefined ? "" : `:${column}`} `;
}

/** What went wrong inside, in the words of whoever called it: its lines are those of the saved program. */
function failure(name: string, error: PublicError): UpstreamError {
  const { file, line, column } = error;
  const place = file === undefined || line === undefined ? "" : `, ${file}:${line}${column === undefined ? "" : `:${column}`}`;
  const code = error.code === "uncaught_exception" ? "tool_error" : error.code;
  return new UpstreamError(code, `${error.message} (${name}${place})`, {
    delivery: error.code === "cancelled" ? "sent" : "answered",
    ...(error.suggestions ? { suggestions: error.suggestions } : {}),
    ...(error.url === undefined ? {} : { url: error.url }),
  });
}
