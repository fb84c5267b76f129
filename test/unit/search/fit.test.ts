import { expect, test } from "vitest";
import { fitOf } from "../../../core/search/fit.ts";
import { SearchIndex } from "../../../core/search/index.ts";
import { parseQuery } from "../../../core/search/query.ts";
import { serverEntry, tool } from "../../support/builders.ts";

const index = new SearchIndex([serverEntry("post", { summary: "All about postcards." }), serverEntry("code")]);
for (const _cost of index.update(0, [tool("send_letter", { description: "Sends a letter." })]));
for (const _cost of index.update(1, [tool("merge_branches", { description: "Merges branches." })]));
const sendLetter = 1;

/** How `send_letter` fits a query if it has this share of what the rarest word is worth. */
function fitAt(query: string, share: number) {
  return fitOf(index, parseQuery(query, index), { value: share * index.rarity(0), best: sendLetter });
}

/** The least score at which it fits, in hundredths. */
function neededFor(query: string): number {
  return Array.from({ length: 300 }, (_, at) => at).findIndex((hundredth) => !fitAt(query, hundredth / 100).isWeak);
}

test("the less is known of the object of a request, the more has to match besides", () => {
  expect(neededFor("send my letter with care")).toBeLessThan(neededFor("send my branches with care"));
  expect(neededFor("send my branches with care")).toBeLessThan(neededFor("send my passport with care"));
  expect(neededFor("send my postcards with care")).toBeLessThan(neededFor("send my branches with care"));
});

test.each([
  "please send my passport",
  "can you send my passport",
  "I'd like to send my passport",
  "Could you please send my passport",
])("%j has the same object as without politeness", (query) => {
  expect(neededFor(query)).toBe(neededFor("send my passport"));
});

test("a name is an argument, but an abbreviation is the object", () => {
  expect(neededFor("send Passport")).toBeLessThan(neededFor("send the passport"));
  expect(neededFor('send "the passport"')).toBeLessThan(neededFor("send the passport"));
  expect(neededFor("send the ID")).toBe(neededFor("send the passport"));
});

test.each(["send the letter", "letter", "send"])("%j fits at any score, because all of it is there", (query) => {
  expect(neededFor(query)).toBe(0);
});

test("a service that only others have counts against it", () => {
  expect(neededFor("post my letter with Branches")).toBeGreaterThan(neededFor("post my letter with branches"));
});

test("where nothing fits, the object of a request is named, but no fillers", () => {
  expect(fitAt("shred my passport for Ada, who told me", 0)).toEqual({ isWeak: true, unknown: ["passport"] });
  expect(fitAt("where is my passport lately", 0)).toEqual({ isWeak: true, unknown: ["passport", "lately"] });
});

test.each([
  ["send it with DocuSign", "docusign"],
  ["send the Zendesk letter", "zendesk"],
  ["send it to PagerDuty", "pagerduty"],
])("a service that nothing mentions is named: %s", (query, service) => {
  expect(fitAt(query, 1)).toEqual({ isWeak: false, unknown: [service] });
});

test.each(["send it on Monday", "send the Monday letter", "send it to Zaphod", 'send "the Zendesk letter"'])(
  "other names are arguments: %s",
  (query) => {
    expect(fitAt(query, 1)).toEqual({ isWeak: false, unknown: [] });
  },
);
