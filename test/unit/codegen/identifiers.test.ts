import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientOwnNames, nameTools, toIdentifier } from "../../../core/registry/identifiers.ts";

describe("toIdentifier", () => {
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
  ])("turns %j into %s", (name, identifier) => {
    expect(toIdentifier(name)).toBe(identifier);
  });
});

describe("nameTools", () => {
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

  test("gives each tool its name as an identifier if none collide", () => {
    expect([...namesOf(["b-a", "c"])]).toEqual([
      ["b-a", "b_a"],
      ["c", "c"],
    ]);
    expect(namesOf([]).size).toBe(0);
  });

  test("lets a name that already is the identifier keep it, and adds a suffix to the others", { tags: ["clients.names"] }, () => {
    const names = namesOf(["a-b", "a_b", "a.b"]);
    expect(names.get("a_b")).toBe("a_b");
    expect(names.get("a-b")).toMatch(/^a_b_[0-9a-z]{6}$/);
    expect(names.get("a.b")).toMatch(/^a_b_[0-9a-z]{6}$/);
    expect(new Set(names.values()).size).toBe(3);
  });

  test.each(["$call", "$raw", "$tools", "$resources", "$prompts"])(
    "adds a suffix to a tool called %s, which is the client's own name",
    (name) => {
      expect(namesOf([name]).get(name)).toMatch(/^\$[a-z]+_[0-9a-z]{6}$/);
    },
  );

  test("derives a suffix independently of the other tools and their order", { tags: ["clients.names"] }, () => {
    expect(namesOf(["a.b", "x", "a-b"]).get("a-b")).toBe(namesOf(["a-b", "a.b"]).get("a-b"));
  });

  test("keeps names unique if a tool is named like another with its suffix", () => {
    const suffixed = namesOf(["a-b", "a.b"]).get("a-b") ?? "";
    const names = namesOf(["a-b", "a.b", suffixed]);
    expect(names.get(suffixed)).toBe(suffixed);
    expect(new Set(names.values()).size).toBe(3);
  });

  test("gives legal, unique identifiers, and never an existing one to an added tool", { tags: ["clients.names"] }, () => {
    fc.assert(
      fc.property(list, wireName, (wires, added) => {
        const names = namesOf(wires);
        const values = [...names.values()];
        expect(new Set(values).size).toBe(wires.length);
        expect(values.filter((name) => !/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name))).toEqual([]);
        const after = namesOf([...wires, added]);
        for (const [wire, name] of names) {
          if (after.get(wire) === name) continue;
          // Its identifier changed: only a tool with exactly that name may have it now.
          const heir = [...after].find(([, given]) => given === name)?.[0];
          expect(heir === undefined || heir === name).toBe(true);
        }
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  test("keeps stored identifiers whatever tools come and go, unless a tool has exactly that name", {
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

  test("replaces stored identifiers that follow another rule", () => {
    expect(nameTools([{ name: "a.b", identifier: "ab" }]).get("a.b")).toBe("a_b");
    expect(nameTools([{ name: "$raw.", identifier: "$raw" }]).get("$raw.")).toBe("$raw_");
  });

  test("distinguishes a reserved word from its escaped form", () => {
    const names = namesOf(["delete", "delete_"]);
    expect(names.get("delete_")).toBe("delete_");
    expect(names.get("delete")).toMatch(/^delete__[0-9a-z]{6}$/);
  });

  test("never gives a name that the client uses itself", () => {
    const names = namesOf([...clientOwnNames]);
    expect([...names.values()].filter((name) => clientOwnNames.some((own) => own === name))).toEqual([]);
  });
});

test("thousands of names of one identifier and one hash are told apart in few tries each", () => {
  const names = Array.from({ length: 2 ** sameHash.length }, (_, bits) =>
    sameHash.map((pair, at) => pair[(bits >> at) & 1]).join(""),
  );
  const identifiers = [...nameTools(names.map((name) => ({ name }))).values()];
  expect(new Set(identifiers).size).toBe(names.length);
  // Each is the identifier and six digits.
  expect(new Set(identifiers.map((identifier) => identifier.length))).toEqual(new Set([4 * sameHash.length + 7]));
});

/** Either of each, one after the other, leads to the same hash: none of their characters is one of an identifier. */
const sameHash = [
  ["▼┻◁◑", "●◿◿▆"],
  ["╦◥╨┇", "▝◹▧╏"],
  ["┢◗├┌", "╕▢▖╎"],
  ["┷▫◿░", "▓━►═"],
  ["╜╴╵◁", "╺▩╣◄"],
  ["◿◐┧◣", "┚╣┤╾"],
  ["▉◒▎╕", "┃▙□╙"],
  ["═▞╫░", "╲◹╥◲"],
  ["◼╱▀╥", "▅┘╆◱"],
  ["◶╿▸╹", "┵┻╙▋"],
  ["╵║┇△", "╊╩◊▹"],
  ["═◖◵◾", "┽┟┼╇"],
] as const;
