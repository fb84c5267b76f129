import { z } from "zod";
import { limits } from "../limits.ts";
import { readAllPages } from "./pagination.ts";
import { toolLimits } from "./tool-limits.ts";

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

/** The valid tools, the first of each name, up to the bounds. */
export function readTools(candidates: readonly unknown[]): Tool[] {
  const tools = new Map<string, Tool>();
  let left: number = toolLimits.toolsCharsMax;
  for (const candidate of candidates) {
    const parsed = Tool.safeParse(candidate);
    if (!parsed.success || tools.has(parsed.data.name) || tools.size >= limits.toolsPerServerMax) continue;
    const chars = JSON.stringify(parsed.data).length;
    const fits = chars <= Math.min(toolLimits.toolCharsMax, left);
    if (fits) left -= chars;
    tools.set(parsed.data.name, fits ? parsed.data : withoutSchema(parsed.data));
  }
  return [...tools.values()];
}

/** It loses its types but can still be called. */
function withoutSchema({ name, title, description = "", annotations }: Tool): Tool {
  return {
    name,
    ...(title !== undefined && { title: title.slice(0, limits.namedCharsMax) }),
    // A bridge may have said it before.
    description: description.startsWith(schemaLeftOut)
      ? description.slice(0, said)
      : `${schemaLeftOut} ${description}`.slice(0, said),
    inputSchema: { type: "object" },
    ...(annotations && { annotations }),
  };
}

/** Said in front, where a line that is cut still has it. */
const schemaLeftOut = "(Its arguments are not described here: it is too long.)";
const said = schemaLeftOut.length + limits.searchedCharsMax;

/** Whether the server declares that repeating a call with the same arguments has no further effect. */
export function isRetrySafe(tool: Tool | undefined): boolean {
  return tool?.annotations?.readOnlyHint === true || tool?.annotations?.idempotentHint === true;
}
