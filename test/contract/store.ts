import { describe, expect, test } from "vitest";
import type { Store } from "../../core/store.ts";

/** The contract of every Store. Runs where the implementation runs: the in-memory store in Node, SQLite in workerd. */
export function storeContract(name: string, withStore: (use: (store: Store) => void) => void | Promise<void>): void {
  /** Gives each test its own store. */
  const inStore =
    <Rest extends unknown[]>(use: (store: Store, ...rest: Rest) => void) =>
    (...rest: Rest) =>
      withStore((store) => use(store, ...rest));

  describe(`the ${name} store`, () => {
    test(
      "reads an unknown key as undefined",
      inStore((store) => {
        expect(store.read("nope")).toBeUndefined();
      }),
    );

    test.each([
      [null],
      [false],
      [0],
      [""],
      ["text"],
      [[]],
      [{}],
      [{ deep: [{ a: null }, "ü\u2028\u0000 😀"] }],
      [Number.MAX_SAFE_INTEGER],
      [-0.5],
    ])(
      "reads what was written: %j",
      inStore((store, value: unknown) => {
        store.write("key", value);
        expect(store.read("key")).toEqual(value);
      }),
    );

    test(
      "stores undefined as null, so that the key exists",
      inStore((store) => {
        store.write("key", undefined);
        expect(store.read("key")).toBeNull();
        expect(store.keys("")).toEqual(["key"]);
      }),
    );

    test(
      "replaces a long value completely with a short one",
      inStore((store) => {
        store.write("key", { long: "x".repeat(3_000_000) });
        store.write("key", { short: 1 });
        expect(store.read("key")).toEqual({ short: 1 });
        expect(store.keys("")).toEqual(["key"]);
      }),
    );

    test(
      "stores megabytes without splitting a surrogate pair",
      inStore((store) => {
        const value = { list: Array.from({ length: 10 }, (_, index) => `${"x".repeat(index)}${"😀".repeat(250_000)}`) };
        store.write("key", value);
        expect(store.read("key")).toEqual(value);
      }),
    );

    test(
      "removes a key, and ignores a missing one",
      inStore((store) => {
        store.write("a", 1);
        store.remove("a");
        store.remove("a");
        store.remove("nope");
        expect(store.read("a")).toBeUndefined();
        expect(store.keys("")).toEqual([]);
      }),
    );

    test(
      "lists the keys with a prefix in ascending order, each once",
      inStore((store) => {
        for (const key of ["b/2", "a/10", "a/9", "a", "ab", "A/1"]) store.write(key, "x".repeat(1_000_000));
        expect(store.keys("a/")).toEqual(["a/10", "a/9"]);
        expect(store.keys("a")).toEqual(["a", "a/10", "a/9", "ab"]);
        expect(store.keys("")).toEqual(["A/1", "a", "a/10", "a/9", "ab", "b/2"]);
        expect(store.keys("c")).toEqual([]);
      }),
    );

    test(
      "finds the keys with a prefix whatever characters the prefix and the rest consist of",
      inStore((store) => {
        for (const key of ["a/", "a/\u{10FFFF}", "a/\u{10FFFF}\u{10FFFF}", "a0", "a/😀/1", "a/😀"]) store.write(key, 1);
        expect(store.keys("a/").sort()).toEqual(["a/", "a/\u{10FFFF}", "a/\u{10FFFF}\u{10FFFF}", "a/😀", "a/😀/1"].sort());
        expect(store.keys("a/😀").sort()).toEqual(["a/😀", "a/😀/1"]);
        expect(store.bytes("a/\u{10FFFF}")).toBe(2);
      }),
    );

    test(
      "measures the values under a prefix in bytes of UTF-8",
      inStore((store) => {
        expect(store.bytes("")).toBe(0);
        store.write("a/1", "x".repeat(1_000_000));
        store.write("a/2", ["é語😀"]);
        store.write("b", null);
        expect(store.bytes("a/")).toBe(1_000_002 + 4 + 2 + 3 + 4);
        expect(store.bytes("")).toBe(1_000_002 + 13 + 4);
        store.remove("a/1");
        expect(store.bytes("a/")).toBe(13);
        expect(store.bytes("c")).toBe(0);
      }),
    );

    test(
      "takes wildcards and quotes in keys literally",
      inStore((store) => {
        for (const key of ["%", "_", "x%y", "x_y", "xzy", "'; DROP TABLE entries; --"]) store.write(key, key);
        expect(store.keys("%")).toEqual(["%"]);
        expect(store.keys("x_")).toEqual(["x_y"]);
        expect(store.read("'; DROP TABLE entries; --")).toBe("'; DROP TABLE entries; --");
      }),
    );

    test(
      "reads and writes the JSON text of a value without reading it",
      inStore((store) => {
        expect(store.readJson("key")).toBeUndefined();
        store.write("key", { a: [1, "é"] });
        expect(store.readJson("key")).toBe('{"a":[1,"é"]}');
        const json = JSON.stringify({ long: `${"x".repeat(399_999)}😀`.repeat(5) });
        store.writeJson("key", json);
        expect(store.readJson("key")).toBe(json);
        expect(store.read("key")).toEqual(JSON.parse(json));
        expect(store.keys("")).toEqual(["key"]);
      }),
    );

    test(
      "returns values that share nothing with what was written",
      inStore((store) => {
        const written = { list: [1] };
        store.write("key", written);
        written.list.push(2);
        const read = store.read("key");
        expect(read).toEqual({ list: [1] });
        Object.assign(Object(read), { list: [] });
        expect(store.read("key")).toEqual({ list: [1] });
      }),
    );
  });
}
