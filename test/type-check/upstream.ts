import { z } from "zod";
import type { Tool } from "../../core/mcp/tool.ts";
import { errorResult, textResult } from "../support/builders.ts";
import { type Answer, FakeUpstream } from "../support/fakes.ts";
import { servers } from "./servers.ts";

/*
 * Servers whose answers follow their schemas, and which reject wrong arguments like real ones: a program of the corpora that runs
 * here would run anywhere.
 */

/** The resources and prompts of those servers that have any. */
const features = {
  "resources/list": { resources: [{ uri: "test://text", name: "text", mimeType: "text/plain" }] },
  "resources/templates/list": { resourceTemplates: [{ uriTemplate: "test://{city}", name: "by city" }] },
  "resources/read": { contents: [{ uri: "test://text", mimeType: "text/plain", text: "words" }] },
  "prompts/list": { prompts: [{ name: "review", arguments: [{ name: "repo", required: true }, { name: "number" }] }] },
  "prompts/get": { description: "A review.", messages: [{ role: "user", content: { type: "text", text: "Review it." } }] },
};

/** The answers of tools without an output schema. */
const untyped: Record<string, unknown> = {
  current_time: "2026-11-20 10:00:00",
  search: "src/a.ts:12:// TODO one\nsrc/b.ts:3:// TODO two",
  raw_feed: { station: "OSL", readings: [{ t: 1.5, at: "2026-11-20T10:00:00Z" }] },
  export_orders: "orderId,status,total\no1,paid,10",
  "get-sum": "The sum of 2 and 3 is 5.",
};

const found = { total_count: 1, items: [{ id: 1, title: "a", user: { login: "ada" } }] };

export function corpusUpstream(): FakeUpstream {
  const entries = Object.entries(servers).map(([id, tools]) => {
    const answers = Object.fromEntries(tools.map((tool) => [tool.name, answerOf(id, tool)]));
    return [id, { tools, answers, features: id === "memory" ? {} : features }] as const;
  });
  return new FakeUpstream(Object.fromEntries(entries));
}

function answerOf(server: string, tool: Tool): Answer {
  const accepted = z.fromJSONSchema(tool.inputSchema);
  return (args) => {
    const { success, error } = accepted.safeParse(args);
    if (!success) return errorResult(`invalid arguments: ${error.message}`);
    if (args.number === 404) return errorResult("no such issue");
    if (tool.name === "get-tiny-image") return imageBetweenTexts;
    if (tool.outputSchema) return { ...textResult(""), structuredContent: sampleOf(tool.outputSchema) };
    const answer = server === "tracker" ? found : (untyped[tool.name] ?? "ok");
    return textResult(typeof answer === "string" ? answer : JSON.stringify(answer));
  };
}

const imageBetweenTexts = {
  content: [
    { type: "text", text: "here it is" },
    { type: "image", data: "aGk=", mimeType: "image/png" },
    { type: "text", text: "that was it" },
  ],
};

const Schema = z.looseObject({
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  type: z.unknown().optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
});

/** A value that matches the schema, with all optional properties. */
function sampleOf(unread: unknown): unknown {
  const schema = Schema.parse(unread);
  if (Object.hasOwn(schema, "const")) return schema.const;
  if (schema.enum) return schema.enum[0];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return sampleOf(alternatives[0]);
  if (schema.type === "array") return itemsOf(schema.items);
  if (schema.type === "number" || schema.type === "integer") return 7;
  if (schema.type === "boolean") return true;
  if (schema.type === "string") return "2026-11-20T10:00:00Z";
  return objectOf(schema);
}

/** One item for each alternative of the item type. */
function itemsOf(items: unknown): unknown[] {
  const { anyOf, oneOf } = Schema.parse(items);
  return (anyOf ?? oneOf ?? [items, items]).map(sampleOf);
}

function objectOf({ properties = {}, additionalProperties }: z.infer<typeof Schema>): unknown {
  const free =
    typeof additionalProperties === "object"
      ? { Oslo: sampleOf(additionalProperties), Rome: sampleOf(additionalProperties) }
      : {};
  return { ...free, ...Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, sampleOf(schema)])) };
}
