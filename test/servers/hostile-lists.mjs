import { serve, text } from "./minimal-mcp.mjs";

/* `hostile-lists.mjs <kind>`: a server whose tools are made to take long to read, compare, index or print. */

const many = (count, make) => Array.from({ length: count }, (_, at) => make(at));
const objectOf = (properties) => ({ type: "object", properties: Object.fromEntries(properties) });
const references = (count, to) => objectOf(many(count, (at) => [`r${at}`, { $ref: to(at) }]));
const definitions = (count, make) => Object.fromEntries(many(count, (at) => [`d${at}`, make(at)]));
const words = (of, count) => many(count, (at) => `q${of.toString(36)}x${at.toString(36)}z`).join(" ");

const kinds = {
  branching: () => [
    {
      type: "object",
      allOf: [{ $ref: "#/$defs/d0" }],
      $defs: definitions(200, (at) => ({ allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 2}` }] })),
    },
  ],
  tangled: () => [
    {
      ...references(300, (at) => `#/$defs/d${at}`),
      $defs: definitions(300, (at) => references(60, (other) => `#/$defs/d${(at * 7 + other * 13) % 300}`)),
    },
  ],
  dangling: () => [
    {
      ...objectOf(many(60, (at) => [`p${at}`, references(250, (other) => `none${at}x${other}`)])),
      $defs: definitions(3_000, () => ({})),
    },
  ],
  wordy: () => many(3_000, (of) => objectOf([[`p${of}`, { type: "string", description: words(of + 5_000, 30) }]])),
  ligatures: () => many(1_000, (of) => objectOf([[`p${of}`, { type: "string", description: "\ufdfa".repeat(120) }]])),
};

const kind = process.argv[2] ?? "";
const describe = kind === "ligatures" ? () => "\ufdfa".repeat(400) : (at) => words(at, 40);
const tools = kinds[kind]().map((inputSchema, at) => ({ name: `tool_${at}`, description: describe(at), inputSchema }));
const pageSize = 500;

serve({
  tools,
  pageOf(cursor = "0") {
    const start = Number(cursor);
    const isLast = start + pageSize >= tools.length;
    return { tools: tools.slice(start, start + pageSize), ...(isLast ? {} : { nextCursor: String(start + pageSize) }) };
  },
  call: () => text("ok"),
});
