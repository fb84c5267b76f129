import { z } from "zod";
import { fields, SavedSource, SavedSummary } from "./definition.ts";

/** What a program says itself, unless it was given. */
export const givenFields = ["description", "examples", "inputSchema", "outputSchema"] as const;

/** A saved program as the tools of `dynamic` show it; whoever reads it elsewhere reads it with this. */
export const Shown = SavedSummary.omit({ given: true, pins: true, proposed: true, examples: true }).extend({
  examples: SavedSummary.shape.examples.optional(),
  proposed: z.boolean().optional().describe("It waits until a person accepts it."),
  stale: z.string().optional().describe("Why it does not fit the tools that it uses any more."),
  warning: z.string().optional().describe("What of it is left out, and why."),
  script: z.boolean().optional().describe("A file beside the registry: read-only here."),
  given: z.array(z.enum(givenFields)).optional().describe("What is not from its types and comment."),
  ...SavedSource.partial().shape,
});
export type Shown = z.infer<typeof Shown>;

type Exported = Pick<Shown, "name" | "description" | "timeoutMs" | "enabled"> & Partial<Shown>;

/** What is needed to save it again elsewhere, with `mcp-bridge save --all`: `given` says what of it was not the program's own word. */
export function exportOf(tool: Exported): object {
  const { name, title, description, code, files, entrypoint, language, allowedMcpIds, timeoutMs, enabled, given = [] } = tool;
  const { inputSchema, outputSchema, examples = [] } = tool;
  const schemas = Object.entries({ inputSchema, outputSchema }).filter(([field]) => given.some((one) => one === field));
  const source = { code, files, entrypoint, language };
  const whole = { name, title, description, ...source, ...Object.fromEntries(schemas), allowedMcpIds, timeoutMs, examples };
  return { ...whole, enabled, given };
}

export const Create = z.strictObject({
  name: z.string().describe("3 to 64 letters, digits and . _ : -"),
  title: fields.title.optional(),
  description: fields.description.optional().describe("Left out: the comment above the entrypoint."),
  code: fields.code.optional(),
  files: fields.files.optional(),
  entrypoint: fields.entrypoint.optional(),
  language: fields.language.optional(),
  inputSchema: fields.inputSchema.optional(),
  outputSchema: fields.outputSchema.optional(),
  allowedMcpIds: fields.allowedMcpIds.optional(),
  timeoutMs: fields.timeoutMs.optional(),
  examples: fields.examples.optional(),
  enabled: fields.enabled.optional(),
});
export type Create = z.infer<typeof Create>;

/** What tool_update changes. */
export const Patch = z.strictObject({
  title: fields.title.nullish(),
  description: fields.description.nullish().describe("null: from the comment again."),
  ...{ code: fields.code.optional(), files: fields.files.optional(), entrypoint: fields.entrypoint.nullish() },
  ...{ language: fields.language.optional(), enabled: fields.enabled.optional() },
  timeoutMs: fields.timeoutMs.nullish().describe("null: the default."),
  inputSchema: fields.inputSchema.nullish().describe("null: from the types again."),
  outputSchema: fields.outputSchema.nullish(),
  allowedMcpIds: fields.allowedMcpIds.nullish().describe("null: the default servers."),
  examples: fields.examples.nullish().describe("null: from the comment again."),
});
export type Patch = z.infer<typeof Patch>;
