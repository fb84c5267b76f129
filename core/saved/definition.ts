import { z } from "zod";
import { savedLimits } from "./saved-limits.ts";

/** What a saved program is called. In code it has the identifier form of this. */
export const savedNamePattern = /^[a-zA-Z][a-zA-Z0-9._:-]{2,63}$/;

const JsonSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => JSON.stringify(schema).length <= savedLimits.schemaCharsMax, "the schema is too long")
  .refine(({ type }) => type === undefined || type === "object", 'the schema of arguments has the type "object"');

const OutputSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => JSON.stringify(schema).length <= savedLimits.schemaCharsMax, "the schema is too long");

const Example = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .refine((example) => JSON.stringify(example).length <= savedLimits.exampleCharsMax, "the example is too long");

const code = z.string().max(savedLimits.codeCharsMax);
const files = z
  .record(z.string(), z.string())
  .refine((sources) => charsOf(sources) <= savedLimits.codeCharsMax, `at most ${savedLimits.codeCharsMax} characters together`);

/** The fields that a caller may set, each as it is written in `tool_create`. */
export const fields = {
  title: z.string().min(1).max(savedLimits.titleCharsMax),
  description: z.string().min(1).max(savedLimits.descriptionCharsMax).describe("What it does, for whoever looks for it."),
  code: code.describe("A program as execute_mcp_code takes it. The types of its entrypoint become the schema."),
  files: files.describe("Instead of code: path → source."),
  entrypoint: z.string().max(200),
  language: z.enum(["ts", "js"]),
  inputSchema: JsonSchema.describe("JSON Schema; only if the types do not say it."),
  outputSchema: OutputSchema,
  allowedMcpIds: z.array(z.string().max(64)).max(256).describe("Servers it may use. Left out: the default ones."),
  timeoutMs: z.number().int().min(savedLimits.timeoutMsMin).max(savedLimits.timeoutMsMax),
  examples: z.array(Example).max(savedLimits.examplesMax).describe("Sentences, or arguments."),
  enabled: z.boolean(),
};

/** The program of a saved tool. */
export const SavedSource = z.object({
  code: z.string().optional(),
  files: z.record(z.string(), z.string()).optional(),
  entrypoint: z.string().optional(),
  language: z.enum(["ts", "js"]),
});
export type SavedSource = z.infer<typeof SavedSource>;

/** Server → tool → fingerprint: the tools against which a program was checked. */
export const Pins = z.record(z.string(), z.record(z.string(), z.string()));
export type Pins = z.infer<typeof Pins>;

/** Everything of a saved tool but its source and its history. */
const SavedFields = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string(),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  /** What was given, and so is not read from types and comments when the source changes. */
  given: z.object({
    ...{ input: z.boolean(), output: z.boolean() },
    // Before these were noted, whatever there was stayed.
    ...{ description: z.boolean().default(true), examples: z.boolean().default(true) },
  }),
  allowedMcpIds: z.array(z.string()).optional(),
  timeoutMs: z.number(),
  examples: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])),
  enabled: z.boolean(),
  /** A program's proposal that no person has accepted. It cannot be called. */
  proposed: z.literal(true).optional(),
  pins: Pins,
  codeBytes: z.number(),
});

/** A saved tool without its source, which may be long. */
export const SavedSummary = SavedFields.extend({
  revision: z.number().int(),
  /** ISO 8601. */
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type SavedSummary = z.infer<typeof SavedSummary>;

export const SavedTool = SavedSummary.extend({ source: SavedSource });
export type SavedTool = z.infer<typeof SavedTool>;

/** A saved tool to be stored: the library gives it a revision and its times. */
export const SavedContent = SavedFields.extend({ source: SavedSource });
export type SavedContent = z.infer<typeof SavedContent>;

/** All saved tools at one version of the library. */
export const Snapshot = z.object({ version: z.number(), tools: z.array(SavedSummary) });
export type Snapshot = z.infer<typeof Snapshot>;

export const RevisionLine = z.object({
  revision: z.number(),
  updatedAt: z.string(),
  description: z.string(),
  codeBytes: z.number(),
});
export type RevisionLine = z.infer<typeof RevisionLine>;

/** MCP demands the type of every tool, and of a choice or a reference the types of a program do not say it there. */
export function inputSchemaOf({
  inputSchema,
}: Pick<SavedSummary, "inputSchema">): SavedSummary["inputSchema"] & { type: "object" } {
  return { ...inputSchema, type: "object" };
}

export function charsOf(sources: Readonly<Record<string, string>>): number {
  return Object.values(sources).reduce((sum, text) => sum + text.length, 0);
}

/** UTF-8 bytes of all files of a program. */
export function bytesOf({ code: snippet, files: sources = {} }: SavedSource): number {
  const encoder = new TextEncoder();
  return [snippet ?? "", ...Object.values(sources)].reduce((sum, text) => sum + encoder.encode(text).length, 0);
}
