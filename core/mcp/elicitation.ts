import { z } from "zod";
import { limits } from "../limits.ts";

/*
 * What a server asks of a person while a tool works (MCP spec, client/elicitation): fields to fill in, or an address to open. Words
 * and form are a stranger's: bounded here, and shown as data by whoever shows them.
 */

const message = z.string().transform((text) => (text.length <= limits.questionCharsMax ? text : cut(text)));
const cut = (text: string) => `${text.slice(0, limits.questionCharsMax)}…`;

const form = z.object({
  mode: z.literal("form").default("form"),
  message,
  /** JSON Schema of one flat object; each field's is for the client to read. */
  requestedSchema: z
    .looseObject({ type: z.literal("object"), properties: z.record(z.string(), z.looseObject({})) })
    .refine(({ properties }) => Object.keys(properties).length <= limits.questionFieldsMax, "too many fields")
    .refine((schema) => JSON.stringify(schema).length <= limits.questionFormCharsMax, "the form is too large"),
});

const address = z.object({
  mode: z.literal("url"),
  message,
  url: z.url({ protocol: /^https?$/ }).max(limits.questionUrlCharsMax),
});

export const Elicitation = z.union([form, address]);
export type Elicitation = z.infer<typeof Elicitation>;
export type ElicitationMode = Elicitation["mode"];

/** The method that carries it, as a request of 2025-11-25 and inside an `input_required` result of 2026-07-28. */
export const elicitationMethod = "elicitation/create";

/** What our clients announce to servers. Whether anybody can be asked is known only when one asks. */
export const elicitationCapability = { form: {}, url: {} };

const content = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .refine((values) => JSON.stringify(values).length <= limits.answerCharsMax, "the answer is too long");

/** What the person said to it. `cancel` also stands for nobody: closed without an answer, or nobody there. */
export const ElicitationAnswer = z.discriminatedUnion("action", [
  z.object({ action: z.literal("accept"), content: content.optional() }),
  z.object({ action: z.literal("decline") }),
  z.object({ action: z.literal("cancel") }),
]);
export type ElicitationAnswer = z.infer<typeof ElicitationAnswer>;

export const unanswered: ElicitationAnswer = { action: "cancel" };

/** What a server is told that wants what it was not offered (JSON-RPC -32601). */
export function wordsOfRefusal(method: string): string {
  return refusals[method] ?? `This client does not know the request ${method.slice(0, limits.namedCharsMax)}.`;
}

const refusals: Readonly<Record<string, string>> = {
  "sampling/createMessage":
    "This client has no model to sample from: calls come from a program. Return what the model should know as the tool's result.",
  "roots/list": "This client has no roots: programs pass paths as arguments.",
};

/** The fields of a form, one a line, as a model reads them; or where the address leads. */
export function wordsOf(question: Elicitation): string {
  switch (question.mode) {
    case "form":
      return fieldsOf(question.requestedSchema);
    case "url":
      return `It wants this address to be opened: ${question.url}`;
  }
}

const FieldSchema = z.looseObject({ type: z.string().catch("value"), description: z.string().optional().catch(undefined) });
const Required = z.array(z.string()).catch([]);

function fieldsOf(schema: z.infer<typeof form>["requestedSchema"]): string {
  const required = new Set(Required.parse(schema.required));
  const lines = Object.entries(schema.properties).map(([name, field]) => {
    const { type, description } = FieldSchema.parse(field);
    const says = description === undefined ? "" : `: ${description.slice(0, limits.descriptionLineCharsMax)}`;
    return `- ${name.slice(0, limits.namedCharsMax)} (${type}${required.has(name) ? "" : ", optional"})${says}`;
  });
  return lines.length === 0 ? "It wants a yes or no." : `It wants:\n${lines.join("\n")}`;
}
