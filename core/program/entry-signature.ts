import { z } from "zod";

const JsonSchema = z.record(z.string(), z.unknown());

/** What a program takes and returns, as its types say: the schema of a tool that it can become. */
export const EntrySignature = z.object({
  /** From the comment above the entrypoint. */
  description: z.string(),
  /** Further tags of that comment, such as `@example`. */
  tags: z.array(z.object({ name: z.string(), text: z.string() })),
  inputSchema: JsonSchema,
  /** Left out where nothing is known. */
  outputSchema: JsonSchema.optional(),
});
export type EntrySignature = z.infer<typeof EntrySignature>;

/** Which schemas are to be made from types; the others were given. */
export interface SignatureWanted {
  input: boolean;
  output: boolean;
}
