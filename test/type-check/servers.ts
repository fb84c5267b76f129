import { readTools, type Tool } from "../../core/mcp/tool.ts";
import { readCatalog } from "../fixtures/catalogs.ts";

/*
 * The servers that the programs of the corpora call: eight published ones as recorded, and three of the kinds that people write
 * themselves, with every shape a schema can have.
 */

const string = { type: "string" };
const number = { type: "number" };
const boolean = { type: "boolean" };
const listOf = (items: object) => ({ type: "array", items });
const oneOf = (...values: unknown[]) => ({ enum: values });
const orNull = (schema: object) => ({ anyOf: [schema, { type: "null" }] });

/** An object with these properties, all required but those whose name ends with a question mark. */
function object(properties: Record<string, object>, rest: object = {}) {
  const entries = Object.entries(properties);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace("?", ""), schema])),
    required: entries.map(([name]) => name).filter((name) => !name.endsWith("?")),
    ...rest,
  };
}

const strict = { additionalProperties: false };
const place = object({ name: string, latitude: number, longitude: number, "country?": string });
const weather = [
  {
    name: "current",
    inputSchema: object({ city: string, "units?": { ...oneOf("metric", "imperial"), default: "metric" } }, strict),
    outputSchema: object({
      temperature: number,
      conditions: oneOf("sunny", "cloudy", "rain", "snow"),
      wind: object({ speed: number, direction: string, "gust?": number }),
      place,
      alerts: listOf(object({ title: string, severity: oneOf("minor", "major"), "endsAt?": string })),
      observedAt: string,
      snowDepth: orNull(number),
    }),
  },
  {
    name: "forecast",
    inputSchema: object(
      { city: string, "days?": { type: "integer", minimum: 1, maximum: 14 }, "include?": listOf(oneOf("wind", "rain", "uv")) },
      strict,
    ),
    outputSchema: object({ days: listOf(object({ date: string, low: number, high: number, rainChance: number })), place }),
  },
  {
    name: "search_places",
    inputSchema: object(
      {
        query: string,
        "near?": object({ latitude: number, longitude: number }),
        "box?": { type: "array", prefixItems: [number, number, number, number] },
      },
      strict,
    ),
    outputSchema: object({ places: listOf(place), total: number }),
  },
  {
    name: "compare",
    inputSchema: object({ cities: { ...listOf(string), minItems: 2 } }),
    outputSchema: object({ byCity: { type: "object", additionalProperties: object({ temperature: number, humidity: number }) } }),
  },
  { name: "raw_feed", inputSchema: object({ station: string, "since?": string }) },
];

const user = object({ id: number, login: string, "email?": orNull(string) });
const issue = object({
  number,
  title: string,
  body: orNull(string),
  state: oneOf("open", "closed"),
  labels: listOf(string),
  assignee: orNull(user),
  author: user,
  comments: number,
  createdAt: string,
  "milestone?": object({ title: string, dueOn: orNull(string) }),
});
const tracker = [
  {
    name: "list_issues",
    inputSchema: object(
      {
        repo: string,
        "state?": oneOf("open", "closed", "all"),
        "labels?": listOf(string),
        "page?": number,
        "per_page?": number,
        "assignee?": orNull(string),
      },
      strict,
    ),
    outputSchema: object({ items: listOf(issue), total_count: number, next_page: orNull(number) }),
  },
  { name: "get_issue", inputSchema: object({ repo: string, number }, strict), outputSchema: issue },
  {
    name: "create_issue",
    inputSchema: object(
      {
        repo: string,
        title: string,
        "body?": string,
        "labels?": listOf(string),
        "assignees?": listOf(string),
        "priority?": oneOf(1, 2, 3),
        "fields?": { type: "object", additionalProperties: string },
      },
      strict,
    ),
    outputSchema: issue,
  },
  {
    name: "update_issue",
    inputSchema: object(
      {
        repo: string,
        number,
        change: {
          oneOf: [
            object({ kind: { const: "close" }, reason: oneOf("completed", "not_planned") }, strict),
            object({ kind: { const: "label" }, add: listOf(string), "remove?": listOf(string) }, strict),
            object({ kind: { const: "assign" }, to: orNull(string) }, strict),
          ],
        },
      },
      strict,
    ),
    outputSchema: issue,
  },
  {
    name: "timeline",
    inputSchema: object({ repo: string, number }, strict),
    outputSchema: object({
      events: listOf({
        oneOf: [
          object({ type: { const: "comment" }, author: user, text: string, at: string }),
          object({ type: { const: "labeled" }, label: string, at: string }),
          object({ type: { const: "closed" }, by: user, at: string }),
        ],
      }),
    }),
  },
  {
    name: "add-comment",
    inputSchema: object({ repo: string, number, text: string }, strict),
    outputSchema: object({ id: number, url: string }),
  },
  {
    name: "search",
    inputSchema: object({ q: string, "sort?": oneOf("created", "updated", "comments"), "order?": oneOf("asc", "desc") }, strict),
  },
  { name: "whoami", inputSchema: { type: "object", properties: {} }, outputSchema: user },
  { name: "delete", inputSchema: object({ repo: string, number, confirm: { const: true } }, strict) },
];

const money = object({ amount: number, currency: oneOf("EUR", "USD", "GBP") });
const address = object({ street: string, city: string, zip: string, country: string });
const shop = [
  {
    name: "find_products",
    inputSchema: object(
      {
        "text?": string,
        "filter?": object({ "price?": object({ "min?": number, "max?": number }), "inStock?": boolean, "tags?": listOf(string) }),
        "sort?": object({ by: oneOf("price", "name", "rating"), "descending?": boolean }),
        "limit?": { type: "integer", default: 10 },
      },
      strict,
    ),
    outputSchema: object({
      products: listOf(
        object({ sku: string, name: string, price: money, rating: orNull(number), tags: listOf(string), "stock?": number }),
      ),
      total: number,
    }),
  },
  {
    name: "place_order",
    inputSchema: object(
      {
        customerId: string,
        lines: {
          ...listOf(object({ sku: string, quantity: { type: "integer", minimum: 1 }, "note?": string }, strict)),
          minItems: 1,
        },
        shipTo: { $ref: "#/$defs/Address" },
        "billTo?": { $ref: "#/$defs/Address" },
        payment: {
          oneOf: [
            object({ method: { const: "card" }, token: string }, strict),
            object({ method: { const: "invoice" }, "poNumber?": string, dueInDays: oneOf(14, 30, 60) }, strict),
          ],
        },
        "gift?": boolean,
      },
      { ...strict, $defs: { Address: address } },
    ),
    outputSchema: object({
      orderId: string,
      status: oneOf("pending", "paid"),
      total: money,
      lines: listOf(object({ sku: string, quantity: number, price: money })),
      shipTo: address,
    }),
  },
  {
    name: "get_order",
    inputSchema: object({ orderId: string }, strict),
    outputSchema: object({
      orderId: string,
      status: oneOf("pending", "paid", "shipped", "cancelled"),
      total: money,
      lines: listOf(object({ sku: string, quantity: number, price: money })),
      shipTo: address,
      "tracking?": object({ carrier: string, code: string }),
      history: listOf(object({ at: string, status: string })),
    }),
  },
  {
    name: "cancel_order",
    inputSchema: object({ orderId: string, "reason?": string }, strict),
    outputSchema: object({ cancelled: boolean, refund: orNull(money) }),
  },
  {
    name: "export_orders",
    inputSchema: object(
      {
        from: { type: "string", format: "date-time" },
        to: { type: "string", format: "date-time" },
        "format?": oneOf("csv", "json"),
        "columns?": listOf(oneOf("orderId", "status", "total")),
      },
      strict,
    ),
  },
  {
    name: "customer",
    inputSchema: { anyOf: [object({ id: string }, strict), object({ email: string }, strict)] },
    outputSchema: object({
      id: string,
      email: string,
      name: string,
      tier: oneOf("basic", "gold"),
      preferences: { type: "object", additionalProperties: true },
    }),
  },
  {
    name: "price",
    inputSchema: object({ sku: string, "quantity?": { type: ["number", "string"] } }, strict),
    outputSchema: money,
  },
];

const published = ["chrome-devtools", "everything", "filesystem", "grep", "memory", "playwright", "sequential-thinking", "time"];

/** Server id → its tools. */
export const servers: Record<string, Tool[]> = {
  ...Object.fromEntries(published.map((id) => [id, readTools(readCatalog(id).tools)])),
  weather: readTools(weather),
  tracker: readTools(tracker),
  shop: readTools(shop),
};
