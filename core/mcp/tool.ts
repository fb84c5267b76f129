import { z } from "zod";
import { limits } from "../limits.ts";
import { readAllPages } from "./pagination.ts";

const JsonSchema = z.record(z.string(), z.unknown());

/**
 * A tool as a server lists it (MCP spec, server/tools). Untrusted and read leniently: an input schema that is not an object becomes
 * "any object", so that the tool loses its types but can still be called.
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
  /** Not from the server: the shape of results in this session, for a tool without an output schema. */
  observedSchema?: Record<string, unknown>;
  /** Not from the server: its name in code, if that differs from `name`. */
  identifier?: string | undefined;
};

/** Reads all pages of a server's list, up to the bounds. Invalid tools are left out. */
export async function readAllTools(requestPage: (params: { cursor?: string }) => Promise<unknown>): Promise<Tool[]> {
  return readTools(await readAllPages({ field: "tools", itemsMax: limits.toolsPerServerMax, requestPage }));
}

/** The valid tools, the first of each name, up to the bound. */
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

/** Whether the server declares that repeating a call with the same arguments has no further effect. */
export function isRetrySafe(tool: Tool | undefined): boolean {
  return tool?.annotations?.readOnlyHint === true || tool?.annotations?.idempotentHint === true;
}
