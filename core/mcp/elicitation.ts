import { z } from "zod";
import { isDeeper } from "../json.ts";
import { limits } from "../limits.ts";
import { cutText, startOf, withoutInvisible } from "../text.ts";

/*
 * Elicitation (MCP spec, client/elicitation): during a request, a server asks a person to fill in a form or to open a URL. Message and
 * form are untrusted: they are bounded here, and must be shown as data.
 */

const message = z.string().transform((text) => cutText(text, limits.questionCharsMax));

const form = z.object({
  mode: z.literal("form").default("form"),
  message,
  /** JSON Schema of one flat object. The schemas of its fields are passed on to the client unread. */
  requestedSchema: z
    .looseObject({ type: z.literal("object"), properties: z.record(z.string(), z.looseObject({})) })
    .refine(({ properties }) => Object.keys(properties).length <= limits.questionFieldsMax, "too many fields")
    .refine(isSmallForm, "the form is too large"),
});

/** The depth first, because a schema of any depth cannot be written. */
function isSmallForm(schema: object): boolean {
  return !isDeeper(schema, limits.questionDepthMax) && JSON.stringify(schema).length <= limits.questionFormCharsMax;
}

const address = z.object({
  mode: z.literal("url"),
  message,
  url: z.url({ protocol: /^https?$/ }).max(limits.questionUrlCharsMax),
});

export const Elicitation = z.union([form, address]);
export type Elicitation = z.infer<typeof Elicitation>;
export type ElicitationMode = Elicitation["mode"];

/** The method: of a request in 2025-11-25, of an entry of `inputRequests` in 2026-07-28. */
export const elicitationMethod = "elicitation/create";

/** The capability that our clients declare to servers. Whether a person can be asked is known only when a server elicits. */
export const elicitationCapability = { form: {}, url: {} };

const content = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .refine((values) => JSON.stringify(values).length <= limits.answerCharsMax, "the answer is too long");

/** The person's answer. `cancel` also means that nobody answered, or that nobody could be asked. */
export const ElicitationAnswer = z.discriminatedUnion("action", [
  z.object({ action: z.literal("accept"), content: content.optional() }),
  z.object({ action: z.literal("decline") }),
  z.object({ action: z.literal("cancel") }),
]);
export type ElicitationAnswer = z.infer<typeof ElicitationAnswer>;

export const unanswered: ElicitationAnswer = { action: "cancel" };

/** The message for a server that sends a request that this client does not support (JSON-RPC -32601). */
export function unsupportedRequestMessage(method: string): string {
  return refusals[method] ?? `This client does not know the request ${startOf(method, limits.namedCharsMax)}.`;
}

const refusals: Readonly<Record<string, string>> = {
  "sampling/createMessage":
    "This client has no model to sample from: calls come from a program. Return what the model should know as the tool's result.",
  "roots/list": "This client has no roots: programs pass paths as arguments.",
};

/** For a model: the fields of a form, one per line, or the URL. */
export function wordsOf(question: Elicitation): string {
  switch (question.mode) {
    case "form":
      return fieldsOf(question.requestedSchema);
    case "url":
      return `It asks the user to open this URL: ${question.url}`;
  }
}

const FieldSchema = z.looseObject({ type: z.string().catch("value"), description: z.string().optional().catch(undefined) });
const Required = z.array(z.string()).catch([]);

function fieldsOf(schema: z.infer<typeof form>["requestedSchema"]): string {
  const required = new Set(Required.parse(schema.required));
  const lines = Object.entries(schema.properties).map(([name, field]) => {
    const { type, description } = FieldSchema.parse(field);
    const says = description === undefined ? "" : `: ${withoutInvisible(startOf(description, limits.descriptionLineCharsMax))}`;
    return `- ${withoutInvisible(startOf(name, limits.namedCharsMax))} (${type}${required.has(name) ? "" : ", optional"})${says}`;
  });
  return lines.length === 0 ? "It asks for a yes or no." : `It asks for:\n${lines.join("\n")}`;
}
