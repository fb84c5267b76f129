import { serve } from "./minimal-mcp.mjs";

/* A server whose tool takes an argument of every kind, and returns what it got. */

const properties = {
  item: { type: "string", description: "What to order." },
  count: { type: "integer", default: 1 },
  isFast: { type: "boolean" },
  size: { enum: ["small", "large"] },
  tags: { type: "array", items: { type: "string" } },
  address: { type: "object", properties: { city: { type: "string" } } },
  constructor: { type: "string" },
};

serve({
  tools: ["order", "pay"].map((name) => ({
    name,
    description: `Would ${name} something.`,
    inputSchema: { type: "object", properties, required: ["item"] },
    annotations: { destructiveHint: true },
  })),
  call: (name, args) => ({ content: [], structuredContent: { did: name, args } }),
});
