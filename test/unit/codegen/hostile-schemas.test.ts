import { expect, test } from "vitest";
import { declareClient } from "../../../core/codegen/declaration.ts";
import { signatureOf } from "../../../core/codegen/signature.ts";
import { limits } from "../../../core/limits.ts";
import { bigServer } from "../../support/big-server.ts";
import { tool } from "../../support/builders.ts";

/*
 * Schemas of less than half a megabyte. Those whose definitions refer to each other, or to what nothing has, took from ten seconds to for
 * ever in the thread of all sessions, which would exceed the time of a test; the others were quick or took half a second, and are read as before.
 */

type Schema = Record<string, unknown>;

const many = (count: number, make: (at: number) => [string, unknown]): Schema =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => make(at)));
const objectOf = (properties: Schema): Schema => ({ type: "object", properties });
/** With those of its letters percent-encoded that have their bit in a number. */
const inOneOfManyWays = (name: string, bits: number) =>
  [...name].map((letter, bit) => ((bits >> bit) & 1 ? `%${letter.charCodeAt(0).toString(16)}` : letter)).join("");
const references = (count: number, to: (at: number) => string) => objectOf(many(count, (at) => [`r${at}`, { $ref: to(at) }]));

const schemas: Record<string, Schema> = {
  "definitions that all refer to all": {
    ...references(300, (at) => `#/$defs/d${at}`),
    $defs: many(300, (at) => [`d${at}`, references(60, (other) => `#/$defs/d${(at * 7 + other * 13) % 300}`)]),
  },
  "definitions that each are two others at once": {
    type: "object",
    allOf: [{ $ref: "#/$defs/d0" }],
    $defs: many(200, (at) => [`d${at}`, { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 2}` }] }]),
  },
  "references to ids that nothing has": {
    ...objectOf(many(60, (at) => [`p${at}`, references(250, (other) => `none${at}x${other}`)])),
    $defs: many(3_000, (at) => [`d${at}`, {}]),
  },
  "references to anchors that nothing has": {
    ...objectOf(many(60, (at) => [`p${at}`, references(250, (other) => `#none${at}x${other}`)])),
    $defs: many(3_000, (at) => [`d${at}`, {}]),
  },
  "a reference to one long definition, written in three hundred ways": {
    ...references(300, (at) => `#/$defs/${inOneOfManyWays("abcdefghijkl", at)}`),
    $defs: { abcdefghijkl: { x: Array.from({ length: 60_000 }, () => [{}]) } },
  },
  "definitions that each are one of all before": {
    ...references(290, (at) => `#/$defs/d${at}`),
    $defs: many(290, (at) => [
      `d${at}`,
      { anyOf: Array.from({ length: Math.min(at, 99) }, (_, back) => ({ $ref: `#/$defs/d${at - 1 - back}` })) },
    ]),
  },
  "a constant of thirty thousand objects": objectOf({ x: { const: Array.from({ length: 30_000 }, (_, at) => ({ at })) } }),
  "the same type thousands of times": objectOf({
    x: { type: Array.from({ length: 10_000 }, () => "object"), ...objectOf(many(300, (at) => [`a${at}`, {}])) },
  }),
};

test.each(Object.entries(schemas))(
  "is told in one line, and declared: %s",
  { tags: ["servers.no-delay"] },
  (_title, inputSchema) => {
    const hostile = tool("hostile", { inputSchema });
    for (let again = 0; again < 5; again++) expect(signatureOf("hostile", hostile).length).toBeLessThanOrEqual(200);
    const server = { id: "h", title: "h", summary: "", examples: [] };
    const excerpt = declareClient({ server, tools: [hostile, tool("plain")], charsMax: 24_000, isExcerpt: true });
    expect([...excerpt.included, ...excerpt.omitted].sort()).toEqual(["hostile", "plain"]);
    expect(declareClient({ server, tools: [hostile] }).included).toEqual(["hostile"]);
  },
);

test("the first definition of an id or an anchor counts, and one that is none of them is not found", () => {
  const inputSchema = {
    ...objectOf({
      byId: { $ref: "one" },
      byAnchor: { $ref: "#two" },
      byOldAnchor: { $ref: "#three" },
      absent: { $ref: "#four" },
    }),
    $defs: { a: { $id: "one", type: "string" }, b: { $id: "one", type: "number" }, c: { $anchor: "two", type: "boolean" } },
    definitions: { d: { $id: "#three", type: "null" }, e: { $anchor: "two", type: "string" } },
  };
  expect(signatureOf("find", tool("find", { inputSchema }))).toBe(
    "find(args?: { byId?: string; byAnchor?: boolean; byOldAnchor?: null; absent?: unknown }): Promise<any>",
  );
});

test("an excerpt reads no more schemas than can have room in it, and names all other tools", () => {
  const tools = bigServer({ tools: 800, bytes: 4_000_000 });
  let read = 0;
  const counted = tools.map((one) => ({
    ...one,
    inputSchema: new Proxy(one.inputSchema, {
      get(target, name, receiver) {
        if (name === "properties") read += 1;
        return Reflect.get(target, name, receiver);
      },
    }),
  }));
  const server = { id: "h", title: "h", summary: "", examples: [] };
  const excerpt = declareClient({ server, tools: counted, charsMax: 24_000, isExcerpt: true });
  expect([...excerpt.included, ...excerpt.omitted].sort()).toEqual(tools.map(({ name }) => name).sort());
  expect(excerpt.included.length).toBeGreaterThan(1);
  expect(new Set(excerpt.included)).not.toContain(tools.at(-1)?.name);
  expect(read).toBeLessThan(tools.length);
  expect(limits.toolsPerServerMax).toBeGreaterThan(tools.length);
});

test("definitions of one name in many tools are numbered on, in few steps", () => {
  const tools = Array.from({ length: 100 }, (_, at) =>
    tool(`${"n".repeat(80)}${at}`, {
      inputSchema: {
        ...references(200, (property) => `#/$defs/${property}`),
        $defs: many(200, (property) => [String(property), { const: `${at} ${property}` }]),
      },
    }),
  );
  const { declaration, included } = declareClient({ server: { id: "h", title: "h", summary: "", examples: [] }, tools });
  expect(included).toHaveLength(tools.length);
  const names = [...declaration.matchAll(/^export type (\w+Type\d+) =/gm)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(19_000);
});
