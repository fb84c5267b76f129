import { z } from "zod";
import { limits } from "../limits.ts";
import { readAllPages } from "./pagination.ts";

const JsonSchema = z.record(z.string(), z.unknown());

/**
 * A tool as a server lists it (MCP spec, server/tools). Untrusted and read leniently: a schema that is no object becomes
 * "anything", so that it costs types and not the tool.
 */
export const Tool = z.object({
  name: z.string().min(1).max(256),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  inputSchema: JsonSchema.catch({ type: "object" }),
  outputSchema: JsonSchema.optional().catch(undefined),
  annotations: z
    .object({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional()
    .catch(undefined),
});
export type Tool = z.infer<typeof Tool> & {
  /** Not the server's word: what results looked like in this session, where it declares no output. */
  observedSchema?: Record<string, unknown>;
  /** Nor this: what it is called in code, where that is not its name. */
  identifier?: string | undefined;
};

/** Every page of a server's list, up to the bounds; each tool is judged on its own by `readTools`. */
export async function readAllTools(requestPage: (params: { cursor?: string }) => Promise<unknown>): Promise<Tool[]> {
  return readTools(await readAllPages({ field: "tools", itemsMax: limits.toolsPerServerMax, requestPage }));
}

/** Keeps what is a tool, the first of each name, up to the bound. */
export function readTools(candidates: readonly unknown[]): Tool[] {
  const tools = new Map<string, Tool>();
  for (const candidate of candidates) {
    const parsed = Tool.safeParse(candidate);
    if (parsed.success && !tools.has(parsed.data.name) && tools.size < limits.toolsPerServerMax) {
      tools.set(parsed.data.name, parsed.data);
    }
  }
  return [...tools.values()];
}

/** Whether calling twice with the same arguments is as good as calling once, by the server's own word. */
export function isRetrySafe(tool: Tool | undefined): boolean {
  return tool?.annotations?.readOnlyHint === true || tool?.annotations?.idempotentHint === true;
}
