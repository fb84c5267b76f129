import { z } from "zod";
import { Tool } from "../mcp/tool.ts";
import { nameTools } from "../registry/identifiers.ts";
import { fingerprintOf } from "./fingerprint.ts";

export const ToolListing = z.object({
  tools: z.array(Tool.extend({ identifier: z.string().optional() })),
  fetchedAt: z.number(),
});
/** The tools of one server when they were last listed. `identifier` is a tool's name in code where that is not its own name. */
export type ToolListing = z.infer<typeof ToolListing>;

/**
 * Names the tools in code; a tool that had a name before keeps it. Hidden tools are named too, so that hiding or showing one never
 * renames another.
 */
export function withNames(tools: readonly Tool[], before: readonly Tool[] | undefined): Tool[] {
  const kept = new Map(before?.map(({ name, identifier }) => [name, identifier]));
  const names = nameTools(tools.map(({ name }) => ({ name, identifier: kept.get(name) })));
  return tools.map((tool) => {
    const identifier = names.get(tool.name);
    return identifier === tool.name ? tool : { ...tool, identifier };
  });
}

/** Whether two listings look the same to whoever reads or calls them, so that what was built from one serves for the other. */
export function isSameList(before: readonly Tool[], after: readonly Tool[]): boolean {
  return (
    before.length === after.length &&
    before.every((tool, index) => {
      const other = after[index];
      return (
        other?.name === tool.name &&
        other.title === tool.title &&
        other.description === tool.description &&
        JSON.stringify(other.outputSchema) === JSON.stringify(tool.outputSchema) &&
        fingerprintOf(other) === fingerprintOf(tool)
      );
    })
  );
}
