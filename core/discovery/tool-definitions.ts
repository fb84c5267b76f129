import { z } from "zod";
import { limits } from "../limits.ts";

/*
 * The definitions of the three tools, for every interface: MCP, agent frameworks, plain function calling. Models read them on
 * every turn, so each word costs tokens. Nothing here depends on the registry.
 */

const Visibility = z.enum(["default", "opt_in", "experimental"]);

/** The bound is no part of the schema: it would cost tokens on every turn and no honest caller meets it. */
const filters = z.array(z.string()).refine((names) => names.length <= limits.listFiltersMax, "too many to filter by");

export const ListInput = z.strictObject({
  query: z.string().max(2_000).optional().describe("What you want to do."),
  domains: filters.optional(),
  tags: filters.optional(),
  visibility: z.array(Visibility).default(["default"]),
  limit: z.number().int().min(1).max(limits.listServersMax).default(limits.listServers),
  detail: z.enum(["minimal", "summary"]).default("summary"),
});
export type ListInput = z.infer<typeof ListInput>;

export const DescribeInput = z.strictObject({
  id: z.string(),
  detail: z
    .enum(["summary", "tools", "schema"])
    .default("tools")
    .describe("tools: one-line signatures. schema: full TypeScript declarations."),
  tools: z.array(z.string()).optional().describe("Only these tools."),
  query: z.string().max(2_000).optional().describe("Only tools that match."),
});
export type DescribeInput = z.infer<typeof DescribeInput>;

export const ExecuteInput = z.strictObject({
  code: z.string().optional().describe("One snippet: `return` a value, or export default a function of args."),
  files: z.record(z.string(), z.string()).optional().describe("Instead of code: path → source."),
  entrypoint: z.string().optional(),
  language: z.enum(["ts", "js"]).default("ts"),
  allowedMcpIds: z
    .array(z.string())
    .optional()
    .describe("Servers the code may use. Needed for opt_in, experimental and high-sensitivity ones."),
  args: z.unknown().optional(),
  maxRuntimeMs: z.number().int().min(1).max(limits.runMsMax).default(limits.runMs),
  maxLogs: z.number().int().min(0).max(limits.logLinesMax).default(limits.logLines),
});
export type ExecuteInput = z.infer<typeof ExecuteInput>;

export const toolNames = ["list_mcp_capabilities", "describe_mcp", "execute_mcp_code"] as const;
export type ToolName = (typeof toolNames)[number];

export interface ToolDefinition {
  name: ToolName;
  title: string;
  description: string;
  inputSchema: { type: "object"; [key: string]: unknown };
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean; openWorldHint: boolean };
  _meta: Record<string, string | number | boolean>;
}

/**
 * As `tools/list` returns them. The `_meta` keys are Claude Code's: load the definitions at once, and allow results up to its
 * hard limit.
 */
export const toolDefinitions: readonly ToolDefinition[] = [
  {
    name: "list_mcp_capabilities",
    title: "Find MCP servers and tools",
    description: "Find MCP servers, and with `query` the tools that fit. Start here.",
    inputSchema: inputSchemaOf(ListInput),
    annotations: { readOnlyHint: true, openWorldHint: false },
    _meta: { "anthropic/alwaysLoad": true, "anthropic/searchHint": "find mcp servers tools capabilities" },
  },
  {
    name: "describe_mcp",
    title: "Read an MCP server's signatures",
    description: "Read the TypeScript signatures of a server's tools before calling them.",
    inputSchema: inputSchemaOf(DescribeInput),
    annotations: { readOnlyHint: true, openWorldHint: false },
    _meta: { "anthropic/alwaysLoad": true, "anthropic/searchHint": "mcp tool signature schema types" },
  },
  {
    name: "execute_mcp_code",
    title: "Run TypeScript that calls MCP tools",
    description:
      'Run TypeScript that calls MCP tools; only what it returns comes back, so join, filter and loop in code. `import { time } from "mcp-clients"; return await time.current_time({ timezone: "Asia/Tokyo" });` No network or files of its own. `import { args, session, results, progress } from "runtime"`.',
    inputSchema: inputSchemaOf(ExecuteInput),
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    _meta: {
      "anthropic/alwaysLoad": true,
      "anthropic/searchHint": "run code call mcp tools typescript",
      "anthropic/maxResultSizeChars": 500_000,
    },
  },
];

function inputSchemaOf(schema: z.ZodType): ToolDefinition["inputSchema"] {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return { ...rest, type: "object" };
}
