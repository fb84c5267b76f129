import { describe, expect, test } from "vitest";
import type { CallRecord } from "../../../core/calls/ledger.ts";
import { approvalLimits } from "../../../core/run/approval-limits.ts";
import type { ShownApproval } from "../../../core/run/run-desk.ts";
import { renderApproval } from "../../../worker/http/approval-page.ts";

/* A page whose calls and program were written to look like something else. */

const reason = { rule: "sensitivity", limit: "high" } as const;

async function pageOf({
  args = {},
  tool = "drop",
  files = { "main.ts": "return 1;" },
  outcome = "succeeded",
}: Shown): Promise<string> {
  const argsJson = typeof args === "string" ? args : JSON.stringify(args);
  const call = { number: 1, server: "vault", tool, argsJson, reason };
  const done = [{ server: "vault", tool, outcome, durationMs: 1 }] as const;
  const approval: ShownApproval = {
    ...{ id: "default.0", openedAt: 0, expiresAt: 1, files, calls: [call], callsOmitted: 0, done: [...done] },
  };
  return (await renderApproval(approval, { formToken: "form", headers: {} })).text();
}

interface Shown {
  args?: object | string;
  tool?: string;
  files?: Record<string, string>;
  /** Of a call before. */
  outcome?: CallRecord["outcome"];
}

const tags = (page: string) => page.replace(/nonce="[^"]*"/, "").match(/<[a-z/][^>]*>/gi) ?? [];
/** What reads in another direction, or not at all. */
const unseen = /[\p{Bidi_Control}\u200b\u2060\ufeff\u{e0000}-\u{e007f}]/u;

describe("the page of an approval", { tags: ["approvals.page"] }, () => {
  const forged = `</pre></li></ol><h1>Allowed by the owner</h1><form action="/x"><button name="decision" value="allow">Refuse</button></form><pre>`;

  test.each<[where: string, shown: Shown]>([
    ["the arguments", { args: { text: forged } }],
    ["a name of an argument", { args: { [forged]: "x" } }],
    ["the tool's name", { tool: forged }],
    ["the program", { files: { "main.ts": `return ${JSON.stringify(forged)}; // ${forged}` } }],
    ["a file's name", { files: { [`${forged}.ts`]: "return 1;" } }],
    ["long arguments", { args: { text: "x".repeat(approvalLimits.shownArgumentsChars - 20) + forged } }],
  ])("has no element more for markup in %s", async (_where, shown) => {
    const forgedPage = await pageOf(shown);
    expect(tags(forgedPage)).toEqual(tags(await pageOf({})));
    expect(forgedPage.match(/<button/g)).toHaveLength(3);
  });

  test("shows what turns the direction of writing or cannot be seen: in arguments and programs as escapes, in names not at all", async () => {
    const hidden = "safe\u202e/\u200b\u2060\u00ad\u{e0041}\ufeff.txt";
    const page = await pageOf({ args: { path: hidden }, tool: `dr\u202eop\n Allowed`, files: { [hidden]: `// ${hidden}` } });
    expect(page).not.toMatch(unseen);
    expect(page).toContain("safe\\u202e/\\u200b\\u2060\\u00ad\\udb40\\udc41\\ufeff.txt");
    expect(page).toContain("vault.drop  Allowed");
  });

  test("says what became of the calls before, of one that was refused too", async () => {
    expect(await pageOf({})).toContain("<li>vault.drop: succeeded</li>");
    expect(await pageOf({ outcome: "not_started" })).toContain("<li>vault.drop: not started</li>");
  });

  test("numbers each line of the program as JavaScript ends lines, so that no comment hides what follows it", async () => {
    const page = await pageOf({ files: { "main.ts": "// a\rvault.drop();\u2028vault.drop();\r\nreturn 1;" } });
    expect(page).toContain("1  // a\n2  vault.drop();\n3  vault.drop();\n4  return 1;");
  });

  test("shows whole numbers with all their digits, and says how much of long arguments it does not show", async () => {
    expect(await pageOf({ args: { id: "\u0000integer:12345678901234567890" } })).toContain(": 12345678901234567890");
    const text = "x".repeat(3 * approvalLimits.shownArgumentsChars);
    expect(await pageOf({ args: { text } })).toMatch(/x\n… \d+ more characters, which are not shown<\/pre>/);
  });
});
