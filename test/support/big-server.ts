import type { Tool } from "../../core/mcp/tool.ts";

/**
 * A server like the largest ones generated from an OpenAPI document: hundreds of tools whose schemas carry their definitions
 * along, some of them the same in many tools.
 */
export function bigServer({ tools, bytes }: { tools: number; bytes: number }): Tool[] {
  const perTool = Math.floor(bytes / tools);
  return Array.from({ length: tools }, (_, index) => bigTool(index, perTool));
}

function bigTool(index: number, bytes: number): Tool {
  const properties: Record<string, unknown> = {};
  const schema = {
    type: "object",
    properties,
    required: ["resource_id"],
    $defs: {
      RichText: richText,
      [`Resource${index}`]: {
        type: "object",
        properties: { ...fields(index, 6), children: { type: "array", items: { $ref: "#/$defs/RichText" } } },
      },
    },
  };
  properties.resource_id = { type: "string", format: "uuid", description: "The id of the resource." };
  properties.resource = { $ref: `#/$defs/Resource${index}` };
  const name = `resource_${index}_update`;
  const description = `Updates resource ${index}. `.repeat(8);
  for (let count = 0; JSON.stringify(schema).length + description.length < bytes - 150; count++) {
    properties[`group_${count}`] = {
      type: "object",
      description: `Settings of group ${count}.`,
      properties: fields(index + count, 5),
    };
    if (count % 4 === 0) properties[`parent_${count}`] = parentBlock;
  }
  return { name, description, inputSchema: schema };
}

function fields(seed: number, count: number): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `field_${seed}_${index}`,
      [
        { type: "string", description: "A name as people read it, in their own language.", maxLength: 200 },
        { type: ["integer", "null"], description: "How many of them there are.", minimum: 0, maximum: 1_000, default: 10 },
        { enum: ["active", "archived", "deleted", "draft", "pending"], description: "Where it is in its life." },
        { type: "array", items: { type: "string", format: "uri" }, description: "Where it is found." },
        { anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }] },
        { type: "boolean", default: false },
      ][(seed + index) % 6],
    ]),
  );
}

const richText = {
  type: "object",
  properties: {
    type: { const: "text" },
    text: {
      type: "object",
      properties: { content: { type: "string" }, link: { type: "string", nullable: true } },
      required: ["content"],
    },
    annotations: {
      type: "object",
      properties: Object.fromEntries(["bold", "italic", "code"].map((name) => [name, { type: "boolean" }])),
    },
  },
  required: ["type", "text"],
};

const parentBlock = {
  oneOf: [
    {
      type: "object",
      properties: { type: { const: "page_id" }, page_id: { type: "string", format: "uuid" } },
      required: ["type", "page_id"],
    },
    {
      type: "object",
      properties: { type: { const: "database_id" }, database_id: { type: "string", format: "uuid" } },
      required: ["type", "database_id"],
    },
    { type: "object", properties: { type: { const: "workspace" }, workspace: { const: true } }, required: ["type", "workspace"] },
  ],
};
