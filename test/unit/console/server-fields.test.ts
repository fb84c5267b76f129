import { describe, expect, test } from "vitest";
import { emptyFields, entryOf, fieldAt, fieldsOf } from "../../../worker/console/server-fields.ts";

const program = {
  id: "hub",
  title: "Hub",
  summary: "Issues.",
  mcp: { transport: "stdio", command: "npx", args: ["-y", "hub"], env: { A: "1", B: "x=y" }, cwd: "/srv" },
  tags: ["code"],
  limits: { timeoutMs: 5 },
};
const remote = {
  id: "notes",
  title: "Notes",
  summary: "Notes.",
  mcp: { transport: "http", url: "https://a.example/mcp", headers: { Authorization: "Bearer ${env:T}", "X-A": "b: c" } },
};

describe("the fields of a server's form", { tags: ["console.servers"] }, () => {
  test.each([program, remote])("hold the entry $id, and give it back", (entry) => {
    const fields = fieldsOf(entry);
    expect(fields && entryOf(fields)).toEqual({ kind: "entry", entry });
  });

  test.each([
    ["an argument of two lines", { ...program, mcp: { ...program.mcp, args: ["a\nb"] } }],
    ["an empty argument", { ...program, mcp: { ...program.mcp, args: [""] } }],
    ["a number where a text belongs", { ...program, mcp: { ...program.mcp, env: { A: 1 } } }],
    ["a field that the transport does not have", { ...remote, mcp: { ...remote.mcp, command: "x" } }],
    ["an unknown field", { ...remote, mcp: { ...remote.mcp, other: true } }],
    ["another program's entry", { id: "a", command: "npx" }],
    ["no entry at all", "text"],
  ])("do not hold %s, which is edited as JSON", (_what, entry) => {
    expect(fieldsOf(entry)).toBeUndefined();
  });

  test.each([
    ["env", { env: "A=1\nTOKEN" }],
    ["headers", { headers: ": b" }],
    ["rest", { rest: "[1]" }],
    ["rest", { rest: "{" }],
    ["rest", { rest: '{"id":"b"}' }],
  ])("name the one that cannot be read: %s", (field, wrong) => {
    expect(entryOf({ ...emptyFields, ...wrong })).toMatchObject({ kind: "wrong", field });
  });

  test.each([
    ["id", "id"],
    ["mcp.args[2]", "args"],
    ["mcp.env.TOKEN", "env"],
    ["mcp.headers.X-A", "headers"],
    ["limits.timeoutMs", "rest"],
    ["tagz", "rest"],
    ["mcp.other", undefined],
    ["mcp", undefined],
    ["", undefined],
  ])("show the problem of %s at %s", (path, field) => {
    expect(fieldAt(path)).toBe(field);
  });
});
