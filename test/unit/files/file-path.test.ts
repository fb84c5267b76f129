import fc from "fast-check";
import { expect, test } from "vitest";
import { readPath } from "../../../core/files/file-path.ts";

test.each([
  ["a.txt", "a.txt"],
  ["/a//b/./c/", "a/b/c"],
  ["a/../b", "b"],
  ["./", ""],
  ["..a/b..", "..a/b.."],
  ["ä/🌍", "ä/🌍"],
])("reads %j as %j", (path, expected) => {
  expect(readPath(path)).toBe(expected);
});

test.each([["../a"], ["a/../../b"], ["/.."], ["a\nb"], ["x/".repeat(201)], ["y".repeat(201)], ["\ud800"], [7], [undefined]])(
  "refuses %j",
  (path) => {
    expect(() => readPath(path)).toThrow(expect.objectContaining({ code: "invalid_arguments" }));
  },
);

test("whatever it accepts stays in the workspace, and is read as itself", () => {
  const parts = fc.array(fc.constantFrom("a", "b", "..", ".", "", "..."), { maxLength: 12 });
  fc.assert(
    fc.property(parts, (names) => {
      let path: string;
      try {
        path = readPath(names.join("/"));
      } catch {
        return;
      }
      expect(path.split("/")).not.toContain("..");
      expect(readPath(path)).toBe(path);
    }),
  );
});
