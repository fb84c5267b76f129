import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientOwnNames, nameTools, toIdentifier } from "../../../core/registry/identifiers.ts";

describe("the identifier form", () => {
  test.each([
    ["current_time", "current_time"],
    ["$get", "$get"],
    ["größe", "größe"],
    ["constructor", "constructor"],
    ["__proto__", "__proto__"],
    ["get-sum", "get_sum"],
    ["issues.list", "issues_list"],
    ['a"];evil(', "a___evil_"],
    ["a\u2028b", "a_b"],
    ["a\u200db", "a_b"],
    ["a\u3164b", "a_b"],
    ["😀", "_"],
    ["1st", "_1st"],
    ["", "_"],
    ["default", "default_"],
    ["await", "await_"],
    ["then", "then_"],
  ])("of %j is %s", (name, identifier) => {
    expect(toIdentifier(name)).toBe(identifier);
  });
});

describe("names for the tools of a server", () => {
  const wireName = fc.oneof(
    fc.constantFrom(
      "a-b",
      "a_b",
      "a.b",
      "delete",
      "delete_",
      "then",
      "$call",
      "$resources",
      "__proto__",
      "constructor",
      "1",
      "_1",
      "größe",
    ),
    fc.string({ maxLength: 4, unit: fc.constantFrom("a", "b", "_", "-", ".", "1", "$", "é", "\u200d", "😀") }),
    fc.string({ maxLength: 4, unit: "binary" }),
  );
  const list = fc.uniqueArray(wireName, { maxLength: 8 });
  const namesOf = (wires: readonly string[]) => nameTools(wires.map((name) => ({ name })));

  test("are the identifier forms where nothing collides", () => {
    expect([...namesOf(["b-a", "c"])]).toEqual([
      ["b-a", "b_a"],
      ["c", "c"],
    ]);
    expect(namesOf([]).size).toBe(0);
  });

  test("a name that is its own identifier keeps it, the others get a suffix of their own", { tags: ["clients.names"] }, () => {
    const names = namesOf(["a-b", "a_b", "a.b"]);
    expect(names.get("a_b")).toBe("a_b");
    expect(names.get("a-b")).toMatch(/^a_b_[0-9a-z]{6}$/);
    expect(names.get("a.b")).toMatch(/^a_b_[0-9a-z]{6}$/);
    expect(new Set(names.values()).size).toBe(3);
  });

  test.each(["$call", "$raw", "$tools", "$resources", "$prompts"])(
    "%s is the client's own, and a tool of that name gets a suffix",
    (name) => {
      expect(namesOf([name]).get(name)).toMatch(/^\$[a-z]+_[0-9a-z]{6}$/);
    },
  );

  test("a suffix does not depend on the other tools or their order", { tags: ["clients.names"] }, () => {
    expect(namesOf(["a.b", "x", "a-b"]).get("a-b")).toBe(namesOf(["a-b", "a.b"]).get("a-b"));
  });

  test("a tool named like the suffixed form of another does not take its name", () => {
    const suffixed = namesOf(["a-b", "a.b"]).get("a-b") ?? "";
    const names = namesOf(["a-b", "a.b", suffixed]);
    expect(names.get(suffixed)).toBe(suffixed);
    expect(new Set(names.values()).size).toBe(3);
  });

  test("are legal, each another, and no tool that is added takes one over", { tags: ["clients.names"] }, () => {
    fc.assert(
      fc.property(list, wireName, (wires, added) => {
        const names = namesOf(wires);
        const values = [...names.values()];
        expect(new Set(values).size).toBe(wires.length);
        expect(values.filter((name) => !/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name))).toEqual([]);
        const after = namesOf([...wires, added]);
        for (const [wire, name] of names) {
          if (after.get(wire) === name) continue;
          // It gave way: nobody has its name now but a tool that is called exactly that.
          const heir = [...after].find(([, given]) => given === name)?.[0];
          expect(heir === undefined || heir === name).toBe(true);
        }
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  test("stay, where they are kept, whatever is added or goes, but for a tool that is called exactly that", {
    tags: ["clients.names"],
  }, () => {
    const kept = (wires: readonly string[], names: ReadonlyMap<string, string>) =>
      nameTools(wires.map((name) => ({ name, identifier: names.get(name) })));
    fc.assert(
      fc.property(list, list, (before, after) => {
        const names = namesOf(before);
        const then = kept(after, names);
        expect(new Set(then.values()).size).toBe(then.size);
        for (const [wire, name] of then) {
          const previous = names.get(wire);
          expect(previous === undefined || name === previous || then.has(previous)).toBe(true);
        }
      }),
      { seed: 1, numRuns: 2_000 },
    );
    const first = namesOf(["a.b"]);
    expect([...kept(["a.b", "a-b"], first)]).toEqual([
      ["a.b", "a_b"],
      ["a-b", expect.stringMatching(/^a_b_[0-9a-z]{6}$/)],
    ]);
    expect(kept(["a.b", "a_b"], first).get("a.b")).toMatch(/^a_b_/);
  });

  test("that were kept by another rule are given anew", () => {
    expect(nameTools([{ name: "a.b", identifier: "ab" }]).get("a.b")).toBe("a_b");
    expect(nameTools([{ name: "$raw.", identifier: "$raw" }]).get("$raw.")).toBe("$raw_");
  });

  test("a reserved word and its escaped form do not collide", () => {
    const names = namesOf(["delete", "delete_"]);
    expect(names.get("delete_")).toBe("delete_");
    expect(names.get("delete")).toMatch(/^delete__[0-9a-z]{6}$/);
  });

  test("none is one that the client needs for itself", () => {
    const names = namesOf([...clientOwnNames]);
    expect([...names.values()].filter((name) => clientOwnNames.some((own) => own === name))).toEqual([]);
  });
});
