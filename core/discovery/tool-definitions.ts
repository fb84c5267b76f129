import { z } from "zod";
import { limits } from "../limits.ts";
import { CallInput } from "./direct-call.ts";
import { DescribeOutput, ListOutput, RunOutput } from "./output-schemas.ts";

/*
 * The definitions of the three tools, for every interface: MCP, agent frameworks, plain function calling. Models read them on
 * every turn, so each word costs tokens. Nothing here depends on the registry.
 */

const Visibility = z.enum(["default", "opt_in", "experimental"]);

/** These bounds are no part of the schemas: they would cost tokens on every turn and no honest caller meets them. */
const filters = z.array(z.string()).refine((names) => names.length <= limits.listFiltersMax, "too many to filter by");
const wish = z.string().refine((text) => text.length <= limits.inputQueryCharsMax, "too long a query");

export const ListInput = z.strictObject({
  query: z
    .union([wish, z.array(wish).refine((wishes) => wishes.length <= limits.listWishesMax, "at most five wishes")], {
      error: "expected a text, or a list of at most five",
    })
    .optional()
    .describe("What to do, best as English verb + object + service; several wishes as a list."),
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
  query: wish.optional().describe("Only tools that match."),
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
  maxRuntimeMs: z.number().int().min(1).max(limits.runMsMax).optional().meta({ default: limits.runMs }),
  resume: z.string().optional().describe("Alone: the token of an approval."),
  maxLogs: z.number().int().min(0).max(limits.logLinesMax).default(limits.logLines),
});
export type ExecuteInput = z.infer<typeof ExecuteInput>;

export const toolNames = ["list_mcp_capabilities", "describe_mcp", "execute_mcp_code"] as const;
/** What every face offers. */
export type FaceToolName = (typeof toolNames)[number];
export type ToolName = FaceToolName | "call_mcp_tool";

export interface ToolDefinition<Name extends ToolName = ToolName> {
  name: Name;
  title: string;
  description: string;
  inputSchema: ObjectSchema;
  outputSchema: ObjectSchema;
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean; openWorldHint: boolean };
  _meta: Record<string, string | number | boolean>;
}

interface ObjectSchema {
  type: "object";
  [key: string]: unknown;
}

const finding: readonly ToolDefinition<FaceToolName>[] = [
  {
    name: "list_mcp_capabilities",
    title: "Find MCP servers and tools",
    description: "Find MCP servers, and with `query` the tools that fit. Start here.",
    inputSchema: inputSchemaOf(ListInput),
    outputSchema: outputSchemaOf(ListOutput),
    annotations: { readOnlyHint: true, openWorldHint: false },
    _meta: { "anthropic/alwaysLoad": true, "anthropic/searchHint": "find mcp servers tools capabilities" },
  },
  {
    name: "describe_mcp",
    title: "Read an MCP server's signatures",
    description: "Read the TypeScript signatures of a server's tools before calling them.",
    inputSchema: inputSchemaOf(DescribeInput),
    outputSchema: outputSchemaOf(DescribeOutput),
    annotations: { readOnlyHint: true, openWorldHint: false },
    _meta: { "anthropic/alwaysLoad": true, "anthropic/searchHint": "mcp tool signature schema types" },
  },
];

/**
 * As `tools/list` returns them. The `_meta` keys are Claude Code's: load the definitions at once, and allow results up to its
 * hard limit.
 */
export const toolDefinitions: readonly ToolDefinition<FaceToolName>[] = [
  ...finding,
  {
    name: "execute_mcp_code",
    title: "Run TypeScript that calls MCP tools",
    description:
      'Run TypeScript that calls MCP tools; only what it returns comes back, so join, filter and loop in code. `import { time } from "mcp-clients"; return await time.current_time({ timezone: "Asia/Tokyo" });` No network. `import { args, session, results, files, progress, help } from "runtime"`.',
    inputSchema: inputSchemaOf(ExecuteInput),
    outputSchema: outputSchemaOf(RunOutput),
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    _meta: {
      "anthropic/alwaysLoad": true,
      "anthropic/searchHint": "run code call mcp tools typescript",
      "anthropic/maxResultSizeChars": 500_000,
    },
  },
];

/** Under `?mode=direct`, for clients with a code mode of their own. */
export const directDefinitions: readonly ToolDefinition[] = [
  ...finding,
  {
    name: "call_mcp_tool",
    title: "Call one MCP tool",
    description: "Call one tool of a server. Find it with list_mcp_capabilities; `args` are those of its signature.",
    inputSchema: inputSchemaOf(CallInput),
    outputSchema: outputSchemaOf(RunOutput),
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    _meta: {
      "anthropic/alwaysLoad": true,
      "anthropic/searchHint": "call mcp tool",
      "anthropic/maxResultSizeChars": 500_000,
    },
  },
];

/** Without what every caller knows: that a number is not negative, and that the names in an object are strings. */
function inputSchemaOf(schema: z.ZodType): ObjectSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    override({ jsonSchema }) {
      delete jsonSchema.minimum;
      delete jsonSchema.propertyNames;
    },
  });
  return { ...rest, type: "object" };
}

function outputSchemaOf(schema: z.ZodType): ObjectSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "output" });
  return { ...rest, type: "object" };
}
