import { describe, expect, test } from "vitest";
import { readAllPages } from "../../../core/mcp/pagination.ts";

/** Reads a list from pages by cursor; "start" is the first one. Unknown cursors are refused. */
async function read(pages: Record<string, { items: string[]; nextCursor?: unknown }>) {
  const asked: unknown[] = [];
  const items = await readAllPages({
    field: "items",
    itemsMax: 100,
    async requestPage({ cursor }) {
      asked.push(cursor);
      const page = pages[cursor === undefined ? "start" : cursor];
      if (page === undefined) throw Object.assign(new Error("Invalid cursor"), { code: -32_602 });
      return page;
    },
  });
  return { items, asked };
}

describe("the pages of a list", () => {
  test("have as many items as are read, even if one has a million", async () => {
    const million = Array.from({ length: 1_000_000 }, () => "x");
    const { items, asked } = await read({ start: { items: ["a"], nextCursor: "2" }, "2": { items: million, nextCursor: "3" } });
    expect([items, asked.length]).toEqual([["a", ...million.slice(0, 99)], 2]);
  });

  test("go on at an empty cursor", async () => {
    const { items, asked } = await read({ start: { items: ["a"], nextCursor: "" }, "": { items: ["b"] } });
    expect([items, asked]).toEqual([
      ["a", "b"],
      [undefined, ""],
    ]);
  });

  test("go on after an empty cursor, and end at a cursor that came before", async () => {
    const { items, asked } = await read({
      start: { items: ["a"], nextCursor: "" },
      "": { items: ["b"], nextCursor: "2" },
      "2": { items: ["c"], nextCursor: "" },
    });
    expect([items, asked]).toEqual([
      ["a", "b", "c"],
      [undefined, "", "2"],
    ]);
  });

  test.each([
    ["refuses it", {}],
    ["begins again", { "": { items: ["a"], nextCursor: "" } }],
  ])("end at an empty cursor if the server means its end and %s", async (_what, more) => {
    expect((await read({ start: { items: ["a"], nextCursor: "" }, ...more })).items).toEqual(["a"]);
  });

  test.each([null, undefined, 7])("end at the cursor %j", async (nextCursor) => {
    expect((await read({ start: { items: ["a"], nextCursor } })).asked).toEqual([undefined]);
  });

  test("are empty if the first one is an empty list, and may be the list itself", async () => {
    const read = (page: unknown) => readAllPages({ field: "items", itemsMax: 10, requestPage: async () => page });
    expect(await read([])).toEqual([]);
    expect(await read(["a", "b"])).toEqual(["a", "b"]);
    expect(await read({ items: { 0: "a", 2: "b" } })).toEqual(["a", "b"]);
    for (const page of [null, "none", 7, { items: null }]) expect(await read(page)).toEqual([]);
  });

  test("fail with an error that is not about an empty cursor", async () => {
    await expect(read({ start: { items: ["a"], nextCursor: "2" } })).rejects.toThrow("Invalid cursor");
  });
});
