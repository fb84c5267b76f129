import { describe, expect, test } from "vitest";
import { MessageLines } from "../../../bridge/stdio/message-lines.ts";
import { limits } from "../../../core/limits.ts";

const answer = { jsonrpc: "2.0", id: 1, result: { list: [1, 2] } };

describe("messages in lines", () => {
  test("are found where one is indented over many, and its last value has a line of its own", () => {
    const lines = new MessageLines();
    const found = `  ${JSON.stringify(answer, undefined, 2)}`
      .split("\n")
      .map((line, at) => lines.add(at === 0 ? line : `  ${line}`.replace(/^ {2}\}$/, "  }")));
    expect(found.at(-1)).toEqual({ kind: "messages", messages: [answer] });
    expect(found.slice(0, -1).every((one) => one.kind === "messages" && one.messages.length === 0)).toBe(true);
  });

  test("are not searched for in a line that is longer than what the tunnel carries", () => {
    const whole = (chars: number) => {
      const empty = JSON.stringify({ ...answer, result: { text: "" } });
      return empty.replace('""', `"${"x".repeat(chars - empty.length)}"`);
    };
    expect(new MessageLines().add(whole(limits.frameBytesMax)).kind).toBe("messages");
    expect(new MessageLines().add(whole(limits.frameBytesMax + 1)).kind).toBe("unread");
  });

  test("begin anew after lines that are none, whatever stands before the first brace", () => {
    const lines = new MessageLines();
    lines.add(`${" ".repeat(3_000_000)}{`);
    for (let times = 0; times < 99_000; times++) expect(lines.add("a")).toEqual({ kind: "messages", messages: [] });
    expect(lines.add(JSON.stringify(answer))).toEqual({ kind: "messages", messages: [answer] });
  });
});
