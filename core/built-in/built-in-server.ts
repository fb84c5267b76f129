import { z } from "zod";
import { OrchestratorError, UpstreamError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { Tool } from "../mcp/tool.ts";
import type { CallToolResult } from "../mcp/tool-result.ts";
import type { ToolCall, Upstream, UpstreamCallOptions } from "../mcp/upstream.ts";
import { type BuiltInId, FileEntry, type ServerEntry } from "../registry/registry.ts";

/** A server that the orchestrator is itself: it is listed, described, typed and called through the gate like any other. */
export interface BuiltInServer {
  entry: ServerEntry;
  /** May change over time; whoever changes it reports it like a server's `tools/list_changed`. */
  listTools(): Tool[] | Promise<Tool[]>;
  /** Of a tool that is there but cannot be called now. */
  whyAbsent?(tool: string): string | undefined;
  /** @throws UpstreamError `tool_unknown`, `invalid_arguments`; a failure of the tool itself is an `isError` result */
  callTool(call: ToolCall, options: UpstreamCallOptions): Promise<CallToolResult>;
}

/** The value of a result as JSON text, which may be megabytes and is never read on its way to the program; `json` is undefined for none. */
const OwnValue = z.object({ json: z.string().optional() });

/** The value of a built-in server's result, if it is JSON text. From any other server the same member means nothing. */
export function ownValueOf(
  { mcp }: Pick<ServerEntry, "mcp">,
  { ownValue }: CallToolResult,
): { json: string | undefined } | undefined {
  if (mcp.transport !== "built_in" || ownValue === undefined) return undefined;
  return { json: OwnValue.parse(ownValue).json };
}

/** What an entry of a built-in server says beside its id; the rest is as in a registry file that leaves it out. */
type EntryFields = Pick<FileEntry, "title" | "summary"> & Partial<Omit<FileEntry, "id" | "mcp" | "title" | "summary">>;

export function builtInEntry(id: BuiltInId, fields: EntryFields): ServerEntry {
  // Parsed for its defaults. The file's own schema refuses the reserved id, and needs a transport.
  const parsed = FileEntry.omit({ id: true, mcp: true }).parse({ priority: 1, ...fields });
  return { ...parsed, id, mcp: { transport: "built_in" } };
}

/** One tool of a built-in server. */
export interface BuiltInTool {
  tool: Tool;
  /** @throws UpstreamError `invalid_arguments`; whatever else it throws becomes an `isError` result with the error's message */
  call(args: ToolCall["args"], options: UpstreamCallOptions): Promise<Record<string, unknown>>;
}

interface ToolParts<Input extends z.ZodObject> {
  name: string;
  description: string;
  /** Read into the tool's input schema, and the arguments are read with it. */
  input: Input;
  output?: z.ZodObject;
  annotations?: Tool["annotations"];
  /** Returns the structured result. */
  run(args: z.infer<Input>, options: UpstreamCallOptions): Promise<Record<string, unknown>> | Record<string, unknown>;
}

export function builtInTool<Input extends z.ZodObject>({ input, output, run, ...parts }: ToolParts<Input>): BuiltInTool {
  const tool: Tool = Tool.parse({
    ...parts,
    inputSchema: z.toJSONSchema(input, { io: "input" }),
    ...(output && { outputSchema: z.toJSONSchema(output) }),
  });
  return {
    tool,
    async call(args, options) {
      const read = input.safeParse(args);
      if (read.success) return run(read.data, options);
      throw new UpstreamError("invalid_arguments", `${tool.name}: ${z.prettifyError(read.error)}`, { delivery: "not_sent" });
    },
  };
}

/** A built-in server whose tools never change. */
export function builtInServer(entry: ServerEntry, tools: readonly BuiltInTool[]): BuiltInServer {
  return {
    entry,
    listTools: () => tools.map(({ tool }) => tool),
    async callTool({ tool: name, args }, options) {
      const found = tools.find(({ tool }) => tool.name === name);
      if (!found) throw new UpstreamError("tool_unknown", `No tool "${name}" on ${entry.id}.`, { delivery: "not_sent" });
      try {
        return structured(await found.call(args, options));
      } catch (error) {
        if (error instanceof OrchestratorError) throw answered(error);
        return { content: [{ type: "text", text: error instanceof Error ? error.message : String(error) }], isError: true };
      }
    },
  };
}

/** What refuses inside a tool is its answer; what is cancelled may have happened. */
function answered(error: OrchestratorError): OrchestratorError {
  if (error instanceof UpstreamError || error.code === "cancelled") return error;
  return new UpstreamError(error.code, error.message, { ...error.details, delivery: "answered", cause: error });
}

/** All servers: the built-in ones here, the others where they are. */
export function withBuiltIns(upstream: Upstream, servers: readonly BuiltInServer[]): Upstream {
  const builtIns = new Map(servers.map((server) => [server.entry.id, server]));
  const find = ({ id, mcp }: ServerEntry) => (mcp.transport === "built_in" ? builtIns.get(id) : undefined);
  return {
    reachability: (server) => (find(server) ? { status: "connected" } : upstream.reachability(server)),
    listTools: async (server, options) => (await find(server)?.listTools()) ?? upstream.listTools(server, options),
    whyAbsent: (server, tool) => find(server)?.whyAbsent?.(tool),
    callTool: (server, call, options) => find(server)?.callTool(call, options) ?? upstream.callTool(server, call, options),
    async ask(server, request, options) {
      if (!find(server)) return upstream.ask(server, request, options);
      throw new UpstreamError("tool_unknown", `${server.id} has no resources or prompts.`, { delivery: "not_sent" });
    },
  };
}

function structured(value: Record<string, unknown>): CallToolResult {
  const text = JSON.stringify(value);
  const structuredContent: Record<string, JsonValue> = JSON.parse(text);
  return { content: [{ type: "text", text }], structuredContent };
}
