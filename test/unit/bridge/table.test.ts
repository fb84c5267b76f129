import { describe, expect, test } from "vitest";
import { formatTable } from "../../../bridge/commands/table.ts";

describe("a table", () => {
  test("aligns its columns and has no trailing spaces", () => {
    const rows = [
      { id: "time", status: "ok", reason: "" },
      { id: "sequential", status: "failed", reason: "two\nlines" },
    ];
    expect(formatTable(rows, ["id", "status", "reason"])).toBe(
      ["ID          STATUS  REASON", "time        ok", "sequential  failed  two lines"].join("\n"),
    );
  });

  test("without rows is only its header", () => {
    expect(formatTable([], ["id", "status"])).toBe("ID  STATUS");
  });
});
